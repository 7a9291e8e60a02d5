import { describeBrowser } from './chromium.js';
import { Desk } from './desk.js';
import { accessSuite } from './suites/access.js';
import { accessibilitySuite } from './suites/accessibility.js';
import { commandsSuite } from './suites/commands.js';
import { deadLettersSuite } from './suites/dead-letters.js';
import { driftSuite } from './suites/drift.js';
import { fleetSuite } from './suites/fleet.js';
import { healthSuite } from './suites/health.js';
import { keyboardSuite } from './suites/keyboard.js';
import { liveSuite } from './suites/live.js';
import { nodeSuite } from './suites/node.js';

/** One fleet and one browser for all of it: both take seconds to start. */
describeBrowser('the console, on 10,000 nodes', () => {
  const desk = new Desk().prepare();
  fleetSuite(desk);
  nodeSuite(desk);
  keyboardSuite(desk);
  accessibilitySuite(desk);
  healthSuite(desk);
  driftSuite(desk);
  deadLettersSuite(desk);
  accessSuite(desk);
  commandsSuite(desk);
  liveSuite(desk);
});
