import type { Evidence } from '../evidence.js';

/** Something that must hold of a registry, whatever was done to it. A function of the evidence: no I/O. */
export type Invariant = {
  readonly name: string;
  /** In words, for the report. */
  readonly means: string;
  readonly judge: (evidence: Evidence) => Judgement;
};

export type Judgement = {
  /** How many things were looked at, with what they are: a judgement of nothing shows. */
  readonly looked: number;
  readonly at: string;
  /** Each names the node or record, and what is wrong with it. */
  readonly violations: readonly string[];
};
