import { embeddedPlace } from './both/embedded-place.js';
import { registrySuite } from './both/registry-suite.js';

registrySuite('embedded', embeddedPlace);
