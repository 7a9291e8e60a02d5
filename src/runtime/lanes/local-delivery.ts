import type { Message, TopicNames, TopicSuffix } from '../../messages/index.js';
import { traceHeadersOf, type Received } from './intake.js';
import type { LogRecord, OutgoingRecord, Position, Publish } from './lane.js';

/** A record that a lane of this process publishes, with what its consumer here, if there is one, need not read again. */
export type Sent = OutgoingRecord & {
  /** What the value says. Handed over to the consumer as soon as the record stands in the log. */
  readonly message?: Message;
  /** The consumer has taken it already, in the transaction that made it. */
  readonly taken?: boolean;
  /** Nobody waits for what follows from it: the consumer here may wait for others, to take them together. */
  readonly isPatient?: boolean;
};

/** Takes messages that stand in the log, before they are read from it. Null: not now; they are read like any others. */
export type TakesHandedOver = (handedOver: readonly Received[]) => Promise<void> | null;

export type LocalLog = {
  readonly names: TopicNames;
  readonly publish: Publish;
  /** Whether a consumer group of this process reads the topic's partition of the key. */
  readonly isReadHere: (topic: TopicSuffix, key: string) => boolean;
};

/** Copies of a partition that are remembered until they are read; one that is forgotten is taken a second time. */
const MAX_FATES = 200_000;

/** Of a record that was published here: when the log took it, and whether it was taken here, or what tells. */
type Fate = {
  readonly topic: TopicSuffix;
  readonly key: string;
  readonly appendedAt: number;
  taken: boolean | Promise<boolean>;
};

type HandOver = { readonly received: Received; readonly record: Sent; readonly at: Position };

type Copies = {
  /** By partition and offset, in the order of the log. */
  readonly fates: Map<number, Map<number, Fate>>;
  /** Publishes on their way, whose offsets are not known yet. */
  readonly publishing: Set<Promise<unknown>>;
};

/**
 * What a process publishes and itself consumes it need not wait for: it is taken at once, and the copy that comes back from the
 * log is passed over, by its place. Nothing rests on that: a copy that is not known here (after a restart, in another replica) is
 * taken like every message that comes twice.
 */
export class LocalDelivery {
  private readonly consumers = new Map<TopicSuffix, TakesHandedOver>();
  private readonly copies = new Map<TopicSuffix, Copies>();
  /** Those whose copies have not come back. */
  private readonly awaited = new Set<Fate>();
  private readonly whenAllAreBack: (() => void)[] = [];
  /** What is handed over, and what is on its way to be. */
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(private readonly log: LocalLog) {}

  /** Who takes what is handed over of a topic. */
  serve(topics: readonly TopicSuffix[], takes: TakesHandedOver): void {
    for (const topic of topics) this.consumers.set(topic, takes);
  }

  /** Whether what is published under the key comes back to this process. */
  isReadHere(topic: TopicSuffix, key: string): boolean {
    return this.log.isReadHere(topic, key);
  }

  /** Resolves once all records are in the log; what is handed over may still be worked on. */
  async publish(records: readonly Sent[]): Promise<void> {
    if (records.length === 0) return;
    const local = records.map((record) => this.isLocal(record));
    const topics = new Set(records.filter((_, index) => local[index]).map(({ topic }) => topic));
    const noted = this.log.publish(records).then((positions) => this.note(records, local, positions));
    const settled = noted.catch(() => undefined);
    const expecting = [...topics].map((topic) => this.copiesOf(topic).publishing);
    for (const publishing of expecting) publishing.add(settled);
    this.follow(settled);
    try {
      await noted;
    } finally {
      for (const publishing of expecting) publishing.delete(settled);
    }
  }

  /** See {@link Lane.unseen}. Waits for what is under way. */
  async unseen(records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    const [first] = records;
    const copies = first && this.copies.get(first.topic);
    if (first === undefined || copies === undefined) return records;
    // The log may give a record to its readers before it tells its writer where it stands.
    if (copies.publishing.size > 0) await Promise.all(copies.publishing);
    const fates = copies.fates.get(first.partition);
    if (fates === undefined) return records;
    const start = Number(first.offset);
    for (const [offset, fate] of fates) {
      if (offset >= start && fates.size <= MAX_FATES) break;
      fates.delete(offset);
      this.isBack(fate);
    }
    const unseen: LogRecord[] = [];
    for (const record of records) {
      const fate = fates.get(Number(record.offset));
      // A topic that was made anew, or whose end was lost, gives the same places to others: they come at other times.
      const isCopy = fate?.appendedAt === record.appendedAt;
      if (fate !== undefined) this.isBack(fate);
      if (!isCopy) unseen.push(record);
      else if (!(typeof fate.taken === 'boolean' ? fate.taken : await fate.taken)) unseen.push(record);
    }
    return unseen;
  }

  /** See {@link Lane.settled}. */
  async settled(): Promise<void> {
    // Copies that another process reads by now never come back.
    for (const fate of this.awaited) if (!this.log.isReadHere(fate.topic, fate.key)) this.isBack(fate);
    while (this.underWay.size > 0 || this.awaited.size > 0) {
      await Promise.all(this.underWay);
      if (this.awaited.size > 0) await new Promise<void>((resolve) => this.whenAllAreBack.push(resolve));
    }
  }

  private isBack(fate: Fate): void {
    if (!this.awaited.delete(fate) || this.awaited.size > 0) return;
    for (const resolve of this.whenAllAreBack.splice(0)) resolve();
  }

  private follow(work: Promise<unknown>): void {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  private isLocal({ topic, key, taken, message }: Sent): boolean {
    if (taken === true) return true;
    return message !== undefined && this.consumers.has(topic) && this.log.isReadHere(topic, String(key));
  }

  private note(records: readonly Sent[], local: readonly boolean[], positions: readonly Position[]): void {
    const handedOver = new Map<TakesHandedOver, HandOver[]>();
    for (const [index, record] of records.entries()) {
      const at = positions[index];
      if (local[index] !== true || at === undefined) continue;
      const takes = this.consumers.get(record.topic);
      if (record.taken === true) this.decideFate(record, at, true);
      else if (record.message !== undefined && takes !== undefined) {
        const one = { received: this.receivedOf(record, record.message, at), record, at };
        const others = handedOver.get(takes);
        if (others === undefined) handedOver.set(takes, [one]);
        else others.push(one);
      }
    }
    for (const [takes, all] of handedOver) {
      const taking = takes(all.map(({ received }) => received));
      if (taking === null) continue;
      const taken = taking.then(
        () => true,
        () => false,
      );
      const fates = all.map(({ record, at }) => this.decideFate(record, at, taken));
      this.follow(
        taken.then((isTaken) => {
          for (const fate of fates) {
            fate.taken = isTaken;
            if (!isTaken) this.isBack(fate);
          }
        }),
      );
    }
  }

  private receivedOf(sent: Sent, message: Message, at: Position): Received {
    return {
      record: new HandedOver(sent, at, this.log.names.full(sent.topic)),
      message: { ...message, appendedAt: at.appendedAt },
      text: String(sent.value),
      ...traceHeadersOf(sent.headers),
      isPatient: sent.isPatient === true,
    };
  }

  private decideFate({ topic, key }: Sent, { partition, offset, appendedAt }: Position, taken: Fate['taken']): Fate {
    const { fates } = this.copiesOf(topic);
    let ofPartition = fates.get(partition);
    if (ofPartition === undefined) fates.set(partition, (ofPartition = new Map<number, Fate>()));
    const fate: Fate = { topic, key: String(key), appendedAt, taken };
    ofPartition.set(offset, fate);
    this.awaited.add(fate);
    return fate;
  }

  private copiesOf(topic: TopicSuffix): Copies {
    let copies = this.copies.get(topic);
    if (copies === undefined) this.copies.set(topic, (copies = { fates: new Map(), publishing: new Set() }));
    return copies;
  }
}

/** A published record as a consumer would have it from the log. */
class HandedOver implements LogRecord {
  constructor(
    private readonly sent: Sent,
    private readonly at: Position,
    readonly topicName: string,
  ) {}

  get topic(): TopicSuffix {
    return this.sent.topic;
  }

  get partition(): number {
    return this.at.partition;
  }

  get offset(): string {
    return String(this.at.offset);
  }

  get key(): Buffer | null {
    return this.sent.key === null ? null : Buffer.from(this.sent.key);
  }

  get value(): Buffer | null {
    return this.sent.value === null ? null : Buffer.from(this.sent.value);
  }

  get headers(): LogRecord['headers'] {
    return this.sent.headers;
  }

  get appendedAt(): number {
    return this.at.appendedAt;
  }
}
