import { CreateCatalog1763700000000 } from './1763700000000-create-catalog.js';
import { IndexCatalogByBucket1763700000001 } from './1763700000001-index-catalog-by-bucket.js';

/** The embedded catalog from nothing to now, in order. Never change one that was released: add another. */
export const catalogMigrations = [CreateCatalog1763700000000, IndexCatalogByBucket1763700000001];
