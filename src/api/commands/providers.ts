import type { Provider } from '@nestjs/common';
import { OperationStore } from '../read/operation-store.js';
import { CommandLog } from './command-log.js';
import { CommandRunner } from './command-runner.js';
import { OperationReader } from './operation-reader.js';
import { OperationRetention } from './operation-retention.js';
import { OperationWatch } from './operation-watch.js';

/** What the controllers of commands and operations need. */
export const COMMAND_PROVIDERS: readonly Provider[] = [
  OperationStore,
  OperationReader,
  OperationWatch,
  OperationRetention,
  CommandLog,
  CommandRunner,
];
