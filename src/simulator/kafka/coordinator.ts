import type { TopicSuffix } from '../../messages/index.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { Broker } from './broker.js';

export type Place = { readonly topic: TopicSuffix; readonly partition: number };

export type Assignment = { readonly generation: number; readonly places: readonly Place[] };

/** What Kafka answers to a member that is not what it takes itself for. */
export class Fenced extends Error {
  constructor(readonly type: 'UNKNOWN_MEMBER_ID' | 'ILLEGAL_GENERATION' | 'REBALANCE_IN_PROGRESS') {
    super(`the group coordinator answers ${type}`);
  }
}

type Member = {
  readonly id: string;
  readonly topics: readonly TopicSuffix[];
  seenAt: number;
  joined: ((assignment: Assignment) => void) | null;
};

export type CoordinatorOptions = {
  readonly time: VirtualTime;
  readonly broker: Broker;
  readonly group: string;
  readonly sessionTimeoutMs: number;
  /** While the log is away nobody is taken for dead. */
  readonly isAway: () => boolean;
  readonly onCommit: (group: string, place: Place, from: number, to: number) => void;
  readonly onGeneration: (group: string, generation: number, members: readonly string[]) => void;
};

/** The broker's side of one consumer group: members, generations, committed offsets. */
export class Coordinator {
  private readonly members = new Map<string, Member>();
  private readonly committed = new Map<string, number>();
  private generation = 0;
  private joining = false;

  constructor(private readonly options: CoordinatorOptions) {}

  /** Resolves when all members are there, or those that are missing count as dead. */
  join(id: string, topics: readonly TopicSuffix[]): Promise<Assignment> {
    const { time } = this.options;
    return new Promise((resolve) => {
      if (!this.members.has(id)) this.watch(id);
      this.members.set(id, { id, topics, seenAt: time.now, joined: resolve });
      this.joining = true;
      this.completeIfAll();
    });
  }

  leave(id: string): void {
    if (!this.members.delete(id)) return;
    this.joining = true;
    this.completeIfAll();
  }

  heartbeat(id: string, generation: number): void {
    const member = this.memberOf(id, generation);
    member.seenAt = this.options.time.now;
    if (this.joining) throw new Fenced('REBALANCE_IN_PROGRESS');
  }

  commit(id: string, generation: number, offsets: readonly (Place & { readonly offset: number })[]): void {
    this.memberOf(id, generation).seenAt = this.options.time.now;
    for (const { topic, partition, offset } of offsets) {
      const key = `${topic}/${partition}`;
      const before = this.committed.get(key) ?? 0;
      this.committed.set(key, offset);
      if (offset !== before) this.options.onCommit(this.options.group, { topic, partition }, before, offset);
    }
  }

  committedOffset({ topic, partition }: Place): number {
    return this.committed.get(`${topic}/${partition}`) ?? 0;
  }

  private memberOf(id: string, generation: number): Member {
    const member = this.members.get(id);
    if (member === undefined) throw new Fenced('UNKNOWN_MEMBER_ID');
    if (generation !== this.generation) throw new Fenced('ILLEGAL_GENERATION');
    return member;
  }

  /** Whoever says nothing for a session is dead; one who waits to be let in is alive. */
  private watch(id: string): void {
    const { time, sessionTimeoutMs, isAway } = this.options;
    time.plan(sessionTimeoutMs / 2, time.world, () => {
      const member = this.members.get(id);
      if (member === undefined) return;
      if (member.joined !== null || isAway()) member.seenAt = time.now;
      if (time.now - member.seenAt > sessionTimeoutMs) this.leave(id);
      else this.watch(id);
    });
  }

  private completeIfAll(): void {
    const { onGeneration, group } = this.options;
    const members = [...this.members.values()];
    if (members.some(({ joined }) => joined === null)) return;
    this.generation += 1;
    this.joining = false;
    const assigned = this.assign(members);
    onGeneration(
      group,
      this.generation,
      members.map(({ id }) => id),
    );
    for (const member of members) {
      const answer = member.joined;
      member.joined = null;
      member.seenAt = this.options.time.now;
      answer?.({ generation: this.generation, places: assigned.get(member.id) ?? [] });
    }
  }

  /** Round robin, topic by topic, beginning with another member each time. */
  private assign(members: readonly Member[]): Map<string, Place[]> {
    const assigned = new Map<string, Place[]>(members.map(({ id }) => [id, []]));
    const topics = [...new Set(members.flatMap((member) => member.topics))];
    let next = this.generation;
    for (const topic of topics) {
      for (let partition = 0; partition < this.options.broker.partitionCount(topic); partition++) {
        const member = members[next++ % members.length];
        if (member !== undefined) assigned.get(member.id)?.push({ topic, partition });
      }
    }
    return assigned;
  }
}
