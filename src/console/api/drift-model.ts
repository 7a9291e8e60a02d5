/** What may be asked of drift: no requests here. */
import type { DriftFinding } from '../../api-answers/answers.js';

export type BackendName = DriftFinding['backend'];
export type DriftKind = DriftFinding['drift'];

export const BACKENDS = ['consul', 'postgres'] as const satisfies readonly BackendName[];
export const DRIFTS = ['missing', 'altered', 'ghost', 'foreign'] as const satisfies readonly DriftKind[];

export type DriftFilter = {
  readonly backend?: BackendName;
  readonly drift?: DriftKind;
  readonly nodeId?: string;
};

export type RepairOrder = DriftFilter & { readonly dryRun: boolean; readonly force: boolean };
