import { z } from 'zod';
import { camelCased, PAYLOADS } from '../messages/index.js';
import type { Measures as Told } from './node-protocol.js';
import type { JoinOptions } from './options.js';
import { within } from './within.js';

/** A heartbeat that waits longer for its measures would tell of another moment. */
const MEASURED_WITHIN_MS = 2000;

const { shape } = PAYLOADS.NODE_HEARTBEAT;
const measures = z.strictObject({
  uptimeSeconds: shape.uptime_seconds,
  activeOperationsCount: shape.active_operations_count,
  memoryUsageMb: shape.memory_usage_mb,
  cpuUsagePercent: shape.cpu_usage_percent,
});

/** What the next heartbeat tells. Whatever is wrong with the measures is complained about, and no reason not to beat. */
export async function measured(measure: JoinOptions['heartbeat'], complain: (error: Error) => void): Promise<Told> {
  if (measure === undefined) return { uptimeSeconds: Math.round(process.uptime()) };
  try {
    const given = await within(MEASURED_WITHIN_MS, Promise.resolve(measure()), LATE);
    if (given === LATE) throw new Error(`there were no measures after ${MEASURED_WITHIN_MS} ms`);
    const { data, error } = measures.safeParse(given);
    if (error !== undefined) throw new Error(z.prettifyError(error));
    return camelCased(data);
  } catch (error) {
    complain(new Error('heartbeat() gives no measures that can be sent; the node beats without', { cause: error }));
    return {};
  }
}

const LATE = Symbol('late');
