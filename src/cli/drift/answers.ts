/** What the API answers: the fields that are looked at here. */
export type Counts = Readonly<Record<'missing' | 'altered' | 'ghost' | 'foreign', number>>;

export type Held = {
  readonly reason: string;
  readonly entries: number;
  readonly decidedBy: 'waits' | 'operator' | 'nobody';
  readonly text: string;
};

export type BackendDrift = {
  readonly backend: string;
  readonly status: 'clean' | 'drifting' | 'held' | 'incomplete';
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly compared: number;
  readonly entries: number;
  readonly unsettled: number;
  readonly counts: Counts;
  readonly cutOff: string | null;
  readonly held: readonly Held[];
};

export type Item = {
  readonly backend: string;
  readonly nodeId: string;
  readonly drift: keyof Counts;
  readonly revision: number | null;
  readonly foundRevision: number | null;
  readonly differences: readonly string[];
  readonly firstSeenAt: string;
};

export type Drift = {
  readonly backends: readonly BackendDrift[];
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
};

export type Repair = {
  readonly id: string;
  readonly status: 'pending' | 'running' | 'done';
  readonly dryRun: boolean;
  readonly finishedAt: string | null;
  readonly outcome: readonly {
    readonly backend: string;
    readonly matching: number;
    readonly repairs: number;
    readonly held: readonly Held[];
    readonly cutOff: string | null;
  }[];
};
