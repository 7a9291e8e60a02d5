import type { EffectHandler, TimedIntent } from '../runtime/lanes/effect.js';
import type { InHand } from './backends/simulated-consul.js';
import type { Owner, VirtualTime } from './time/virtual-time.js';

type Asked = { readonly revision: number; readonly at: number };

/** What the processes have been told to be desired or have decided themselves, and which intents for Consul they are carrying out. */
export class Hands {
  private readonly asked = new Map<string, Asked>();
  /** Revisions that a process itself has made the desired one. */
  private readonly decided = new Set<string>();
  private readonly carrying = new Map<Owner, Map<string, number>>();
  /** When the process was done with a part of a batch; it asks once for all parts. */
  private readonly doneAt = new Map<Owner, number>();

  constructor(
    private readonly time: VirtualTime,
    /** Hears of an intent that is carried out although its process does not know whether it still is desired. */
    private readonly onBlind: (owner: Owner, what: string) => void,
  ) {}

  told(owner: Owner, nodeId: string, revision: number): void {
    this.asked.set(`${owner.name} ${nodeId}`, { revision, at: this.time.now });
  }

  decides(owner: Owner, nodeId: string, revision: number): void {
    this.decided.add(`${owner.name} ${nodeId} ${revision}`);
  }

  of(owner: Owner): InHand {
    return new Map(this.carrying.get(owner));
  }

  /** An answer is acted upon within the event that brings it, as nothing is waited for in between. */
  begin(owner: Owner, requests: readonly TimedIntent[]): void {
    const { now } = this.time;
    const carrying = new Map<string, number>();
    for (const { intent } of requests) {
      const { nodeId, revision } = intent;
      const asked = this.asked.get(`${owner.name} ${nodeId}`);
      const isFresh = asked?.at === now;
      const isOwn = this.decided.has(`${owner.name} ${nodeId} ${revision}`);
      if (!isFresh && !isOwn && this.doneAt.get(owner) !== now) {
        this.onBlind(owner, `revision ${revision} of ${nodeId} without having asked what is desired`);
      } else if (isFresh && revision < asked.revision) {
        this.onBlind(owner, `revision ${revision} of ${nodeId} although it was told that ${asked.revision} is desired`);
      }
      carrying.set(nodeId, revision);
    }
    const others = this.carrying.get(owner) ?? new Map<string, number>();
    this.carrying.set(owner, new Map([...others, ...carrying]));
  }

  end(owner: Owner): void {
    this.doneAt.set(owner, this.time.now);
  }
}

/** The same handler, whose intents are known while it carries them out. */
export function handsOn(handler: EffectHandler, owner: Owner, hands: Hands): EffectHandler {
  return {
    id: handler.id,
    apply: async (requests) => {
      hands.begin(owner, requests);
      try {
        return await handler.apply(requests);
      } finally {
        hands.end(owner);
      }
    },
  };
}
