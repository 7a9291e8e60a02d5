import type { ICustomPartitioner, Message, PartitionerArgs } from 'kafkajs';

type Groups = Record<string, Message[]>;
type Add = (groups: Groups, message: Message) => Groups;

/** Below this many messages there is nothing to gain. */
const MANY = 16;

/**
 * kafkajs groups the messages of a topic by partition with a `reduce` whose every step copies a whole group. Its function is out of
 * reach: others have taken it over before anybody can replace it. So the messages get a `reduce` of their own: the first one is grouped
 * by kafkajs, who asks the partitioner; all others are asked the same way, and put to the group of their partition.
 */
export class QuickGroups {
  private asked: PartitionerArgs | undefined;
  private readonly decide: ReturnType<ICustomPartitioner>;

  constructor(createPartitioner: ICustomPartitioner) {
    this.decide = createPartitioner();
  }

  /** For the producer that is given the messages. */
  readonly createPartitioner: ICustomPartitioner = () => (args) => {
    this.asked = args;
    return this.decide(args);
  };

  /** The same messages of one topic, for that producer. */
  of(messages: Message[]): Message[] {
    if (messages.length < MANY) return messages;
    const reduce = (add: Add, none: Groups): Groups => this.group(messages, add, none);
    return Object.defineProperty(messages, 'reduce', { value: reduce });
  }

  private group(messages: readonly Message[], add: Add, none: Groups): Groups {
    let groups = none;
    let args: PartitionerArgs | undefined;
    for (const message of messages) {
      if (args === undefined) {
        groups = add(groups, message);
        if (this.asked?.message === message) args = { ...this.asked };
        continue;
      }
      args.message = message;
      const partition = this.decide(args);
      const group = groups[partition];
      if (group === undefined) groups[partition] = [message];
      else group.push(message);
    }
    return groups;
  }
}
