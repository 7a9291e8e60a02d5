import { CreateNodeRegistrations1763700000000 } from './1763700000000-create-node-registrations.js';
import { CreateToolRegistrationsView1763700000001 } from './1763700000001-create-tool-registrations-view.js';
import { IndexNodeRegistrationsByBucket1763700000002 } from './1763700000002-index-node-registrations-by-bucket.js';

/**
 * The registry database from nothing to now, in order. Never change one that was released: add another. They run once more when somebody
 * has dropped the table, see `restoreRegistrations`.
 */
export const registryMigrations = [
  CreateNodeRegistrations1763700000000,
  CreateToolRegistrationsView1763700000001,
  IndexNodeRegistrationsByBucket1763700000002,
];
