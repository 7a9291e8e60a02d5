import { afterAll } from '@jest/globals';
import { removeTemplate } from '../runtime/embedded-database.js';
import { embeddedPlace } from './both/embedded-place.js';
import { registrySuite } from './both/registry-suite.js';

afterAll(removeTemplate);

registrySuite('embedded', embeddedPlace);
