import type { World } from '../world.js';
import type { Observer } from './observer.js';

/** Tells that the invariant does not hold. */
export type Breach = (what: string) => void;

/** What must be true of every run, whatever fails. Watches it go on, and looks at what is left in the end. */
export type Invariant = {
  readonly name: string;
  /** The same in one sentence. */
  readonly sentence: string;
  watch(
    world: World,
    breach: Breach,
  ): Observer & {
    /** Once everything has come to rest. */
    atRest?(): void;
  };
};
