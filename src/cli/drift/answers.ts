import type { Drift, DriftRepair } from '../../api-answers/answers.js';

export type { Drift } from '../../api-answers/answers.js';
export type BackendDrift = Drift['backends'][number];
export type Counts = BackendDrift['counts'];
export type Held = BackendDrift['held'][number];
export type Item = Drift['items'][number];
export type Repair = DriftRepair;
