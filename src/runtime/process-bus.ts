import { errorText } from '../messages/index.js';
import type { Activity } from './activity.js';
import { BusUnavailable, type Bus } from './bus.js';
import type { Publish } from './lanes/lane.js';

/** A caller of the api waits no longer for the log. */
const PUBLISH_WITHIN_MS = 5000;

/** The log for callers who will not wait for it as the lanes do. */
export function createBus(publish: Publish, activity: Activity): Bus {
  return {
    publish: async (records) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${PUBLISH_WITHIN_MS} ms`)), PUBLISH_WITHIN_MS);
      });
      try {
        await Promise.race([publish(records), late]);
      } catch (error) {
        throw new BusUnavailable(`the log does not take messages: ${errorText(error)}`, { cause: error });
      } finally {
        clearTimeout(timer);
      }
    },
    follow: activity.follow,
  };
}
