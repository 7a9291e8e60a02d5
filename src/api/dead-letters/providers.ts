import type { Provider } from '@nestjs/common';
import { DeadLetterReader } from '../read/dead-letters-reader.js';
import { DeadLetterGauges } from './dead-letter-gauges.js';
import { Redriver } from './redriver.js';

/** What the controllers of dead letters need. */
export const DEAD_LETTER_PROVIDERS: readonly Provider[] = [DeadLetterReader, Redriver, DeadLetterGauges];
