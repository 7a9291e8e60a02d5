import kafkajs, { type Admin } from 'kafkajs';
import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import { within } from './within.js';

const DELETE_WITHIN_MS = 2500;

/**
 * Groups that serve one reader each, and are of no use after it. One that cannot be deleted is empty and has no offsets: the
 * broker forgets it by itself, later.
 */
export class ThrowawayGroups {
  private readonly ids = new Set<string>();

  constructor(
    private readonly admin: Admin,
    private readonly log: Log,
  ) {}

  add(groupId: string): void {
    this.ids.add(groupId);
  }

  /** As far as the broker is there and lets us; what is left is tried again with the next call. Never rejects. */
  async delete(): Promise<void> {
    if (this.ids.size === 0) return;
    const late = `no answer within ${DELETE_WITHIN_MS} ms`;
    try {
      await within(DELETE_WITHIN_MS, this.admin.deleteGroups([...this.ids]), late);
      this.ids.clear();
    } catch (error) {
      if (error instanceof kafkajs.KafkaJSDeleteGroupsError) this.keepOnly(error.groups);
      if (this.ids.size === 0) return;
      this.log.debug(
        { groups: [...this.ids], error: errorText(error) },
        'empty consumer groups are left to the broker',
      );
    }
  }

  private keepOnly(refused: kafkajs.KafkaJSDeleteGroupsError['groups']): void {
    this.ids.clear();
    for (const { groupId, errorCode } of refused) if (errorCode !== GROUP_ID_NOT_FOUND) this.ids.add(groupId);
  }
}

/** Of Kafka's protocol. */
const GROUP_ID_NOT_FOUND = 69;
