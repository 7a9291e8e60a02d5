/** `node scripts/record-journals.mjs`: records the journals of this release anew, and checks them (docs/replay.md). */
import { runTests } from './run-tests.mjs';

process.exitCode = runTests('test/replay/fixtures.unit.test.ts', { REPLAY_RECORD: '1' });
