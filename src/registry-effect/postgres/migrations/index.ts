import { CreateNodeRegistrations1763700000000 } from './1763700000000-create-node-registrations.js';
import { CreateToolRegistrationsView1763700000001 } from './1763700000001-create-tool-registrations-view.js';

/** The registry database from nothing to now, in order. Never change one that was released: add another. */
export const registryMigrations = [CreateNodeRegistrations1763700000000, CreateToolRegistrationsView1763700000001];
