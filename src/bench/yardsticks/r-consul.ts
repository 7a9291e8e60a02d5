import { createSyntheticNodes } from '../world/synthetic-nodes.js';
import type { Place } from '../scenario.js';
import { setCheck, setService, Transactions } from './consul-operations.js';

const CONNECTIONS = 8;
/** A service and a check each. */
const REGISTRATIONS_A_REQUEST = 21;
const CHECKS_A_REQUEST = 64;

export type ConsulLoop = {
  /** Services of new nodes, with their checks. */
  register(done: (operations: number) => void, isOver: () => boolean): Promise<void>;
  /** Only the checks, of what was registered, from critical to passing and back. */
  activate(done: (operations: number) => void, isOver: () => boolean): Promise<void>;
  close(): Promise<void>;
};

/** The yardstick `rC`: nothing but transactions, on as many connections as make Consul's rate the highest. */
export async function createConsulLoop(consulUrl: string, { registryId }: Place): Promise<ConsulLoop> {
  await createSyntheticNodes(consulUrl, registryId);
  const transactions = new Transactions(consulUrl, CONNECTIONS);
  let registered = 0;
  const entry = (index: number) => ({ nodeId: `bench-${String(index).padStart(6, '0')}`, registryId });
  const entries = (from: number, count: number) => Array.from({ length: count }, (_, index) => entry(from + index));
  const onEachConnection = async (work: () => Promise<void>, isOver: () => boolean): Promise<void> => {
    const loop = async (): Promise<void> => {
      while (!isOver()) await work();
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, loop));
  };
  return {
    register: (done, isOver) =>
      onEachConnection(async () => {
        const some = entries(registered, REGISTRATIONS_A_REQUEST);
        registered += some.length;
        const operations = some.flatMap((one) => [setService(one), setCheck(one, 'critical')]);
        await transactions.put(operations, operations.length);
        done(some.length);
      }, isOver),
    activate(done, isOver) {
      let next = 0;
      return onEachConnection(async () => {
        const count = Math.min(CHECKS_A_REQUEST, registered);
        const [round, from] = [Math.floor(next / registered), next % registered];
        next += count;
        const status = round % 2 === 0 ? 'passing' : 'critical';
        const some = entries(Math.min(from, registered - count), count);
        await transactions.put(some.map((one) => setCheck(one, status)), count); // prettier-ignore
        done(count);
      }, isOver);
    },
    close: () => transactions.close(),
  };
}
