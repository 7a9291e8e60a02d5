/** What the API says of drift: no requests here. */
import type { Drift, DriftRepair } from '../../api-answers/answers.js';

export type DriftReport = Drift;
export type BackendDrift = Drift['backends'][number];
export type Held = BackendDrift['held'][number];
export type Finding = Drift['items'][number];
export type Repair = DriftRepair;
export type BackendName = BackendDrift['backend'];
export type DriftKind = Finding['drift'];

export const BACKENDS = ['consul', 'postgres'] as const satisfies readonly BackendName[];
export const DRIFTS = ['missing', 'altered', 'ghost', 'foreign'] as const satisfies readonly DriftKind[];

export type DriftFilter = {
  readonly backend?: BackendName;
  readonly drift?: DriftKind;
  readonly nodeId?: string;
};

export type RepairOrder = DriftFilter & { readonly dryRun: boolean; readonly force: boolean };
