import type { PlanOptions } from './plan.js';

/** As commander has parsed them. */
export type ImportOptions = {
  readonly type: PlanOptions['nodeType'];
  readonly acknowledgement: PlanOptions['acknowledgement'];
  readonly liveness: PlanOptions['liveness'];
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly concurrency: number;
  readonly wait: number;
};
