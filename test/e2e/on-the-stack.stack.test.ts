import { describeStack } from '../support/stack.js';
import { registrySuite } from './both/registry-suite.js';
import { stackPlace } from './both/stack-place.js';

describeStack('on real servers', ['kafka', 'consul', 'postgres'], () => {
  registrySuite('Kafka, Consul and PostgreSQL', stackPlace);
});
