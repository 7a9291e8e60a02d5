import type { Provider } from '@nestjs/common';
import { DriftReader } from '../read/drift-reader.js';
import { RepairRequests } from './repair-requests.js';

/** What the controller of drift needs. */
export const DRIFT_PROVIDERS: readonly Provider[] = [DriftReader, RepairRequests];
