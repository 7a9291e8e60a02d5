import { errorText } from '../messages/index.js';
import type { Activity } from './activity.js';
import { BusUnavailable, type Bus } from './bus.js';
import type { OutgoingRecord, Publish } from './lanes/lane.js';
import type { NotaryOf } from './signatures/notary-of.js';

/** A caller of the api waits no longer for the log. */
const PUBLISH_WITHIN_MS = 5000;

/** The log for callers who will not wait for it as the lanes do. */
export function createBus(publish: Publish, activity: Activity, notary?: NotaryOf): Bus {
  const signed = async (records: readonly OutgoingRecord[]): Promise<readonly OutgoingRecord[]> => {
    const signing = await notary?.();
    return signing === undefined ? records : records.map((record) => signing.sign(record));
  };
  return {
    publish: async (records, as) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${PUBLISH_WITHIN_MS} ms`)), PUBLISH_WITHIN_MS);
      });
      try {
        await Promise.race([as === undefined ? publish(records) : signed(records).then(publish), late]);
      } catch (error) {
        throw new BusUnavailable(`the log does not take messages: ${errorText(error)}`, { cause: error });
      } finally {
        clearTimeout(timer);
      }
    },
    follow: activity.follow,
  };
}
