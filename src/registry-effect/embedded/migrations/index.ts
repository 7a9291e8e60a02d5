import { CreateCatalog1763700000000 } from './1763700000000-create-catalog.js';

/** The embedded catalog from nothing to now, in order. Never change one that was released: add another. */
export const catalogMigrations = [CreateCatalog1763700000000];
