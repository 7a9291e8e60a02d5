import { setTimeout as sleep } from 'node:timers/promises';
import { topicOf } from '../../messages/index.js';
import type { Backends } from '../damage/backends.js';
import type { Broker } from '../kafka/broker.js';
import type { Door, DoorMode } from '../world/door.js';
import type { Replica as ReplicaProcess } from '../world/replica.js';
import type { Servers } from '../world/servers.js';
import { isServer, linkOf, replicasOf, type Fault, type Replica, type Replicas, type Server } from './fault.js';
import { rubbishFor } from './rubbish.js';

/** All that can be broken. */
export type Stage = {
  readonly servers: Servers;
  readonly replicas: ReadonlyMap<Replica, ReplicaProcess>;
  readonly doors: ReadonlyMap<`${Replica}>${Server}`, Door>;
  readonly broker: Broker;
  readonly backends: Backends;
  /** A node under whose id rubbish is written. */
  readonly anyNodeId: () => string;
};

/** A process of Node needs a second or two to listen; on a busy machine more. */
const LISTENS_WITHIN_MS = 60_000;
const DEAD_LETTERS = topicOf('DEAD_LETTER');
type Topics = 'all' | 'but dead letters';
/** Less than any record has. */
const NOTHING_FITS_BYTES = '32';
/** While dead letters are refused, there are some, again and again. */
const RUBBISH_EVERY_MS = 1000;

/**
 * Does what a fault says, and undoes it: resolves when all is there again, with what was remarkable about it, or rejects with the
 * signal's reason, undone as far as that is quickly done.
 */
export async function inflict(stage: Stage, fault: Fault, signal: AbortSignal): Promise<string | undefined> {
  const lasts = (): Promise<void> => sleep(fault.forMs, undefined, { signal });
  switch (fault.kind) {
    case 'kill':
      if (isServer(fault.target)) await stage.servers.kill(fault.target);
      else await Promise.all(processesOf(stage, fault.target).map((replica) => replica.kill()));
      await lasts();
      return startAgain(stage, fault.target, signal);
    case 'restart': {
      if (isServer(fault.target)) await stage.servers.down(fault.target);
      const stopped = isServer(fault.target)
        ? []
        : await Promise.all(processesOf(stage, fault.target).map((replica) => replica.stop()));
      await lasts();
      await startAgain(stage, fault.target, signal);
      const unclean = stopped.filter((code) => code !== 0);
      return unclean.length > 0 ? `a clean stop ended with ${unclean.join(', ')}` : undefined;
    }
    case 'freeze':
      return freeze(stage, fault.target, lasts);
    case 'cut':
      for (const door of doorsOf(stage, fault.target)) door.cut();
      return undefined;
    case 'refuse':
    case 'black-hole':
      return passOnlyBy(stage, fault.target, fault.kind, lasts);
    case 'slow':
      return passOnlyBy(stage, fault.target, { delayMs: fault.delayMs }, lasts);
    case 'rubbish':
      await writeRubbish(stage, 'all', signal);
      return undefined;
    case 'dead-letters-refused':
      return refuseDeadLetters(stage, fault.forMs, signal);
    case 'wipe-consul':
      return stage.backends.wipeConsul(signal);
    case 'drop-registrations':
      return stage.backends.dropRegistrations(signal);
    case 'damage':
      return stage.backends.damage(signal);
    default:
      throw new Error(`no way to do ${JSON.stringify(fault satisfies never)}`);
  }
}

async function startAgain(stage: Stage, target: Replicas | Server, signal: AbortSignal): Promise<undefined> {
  if (isServer(target)) {
    await stage.servers.up(target);
    return undefined;
  }
  const processes = processesOf(stage, target);
  for (const replica of processes) replica.start();
  await Promise.all(processes.map((replica) => replica.listens(LISTENS_WITHIN_MS, signal)));
  return undefined;
}

async function freeze(stage: Stage, target: Replicas | Server, lasts: () => Promise<void>): Promise<undefined> {
  const frozen = isServer(target) ? [] : processesOf(stage, target);
  if (isServer(target)) stage.servers.freeze(target);
  for (const replica of frozen) replica.freeze();
  try {
    await lasts();
  } finally {
    for (const replica of frozen) replica.thaw();
    if (isServer(target)) stage.servers.thaw(target);
  }
  return undefined;
}

async function passOnlyBy(
  stage: Stage,
  target: Parameters<typeof linkOf>[0],
  mode: DoorMode,
  lasts: () => Promise<void>,
): Promise<undefined> {
  const doors = doorsOf(stage, target);
  await Promise.all(doors.map((door) => door.set(mode)));
  try {
    await lasts();
  } finally {
    await Promise.all(doors.map((door) => door.set('open')));
  }
  return undefined;
}

async function writeRubbish({ broker, anyNodeId }: Stage, topics: Topics, signal: AbortSignal): Promise<void> {
  for (const { topic, records } of rubbishFor(anyNodeId())) {
    if (topics === 'all' || topic !== DEAD_LETTERS) await broker.append(topic, records, signal);
  }
}

async function refuseDeadLetters(stage: Stage, forMs: number, signal: AbortSignal): Promise<undefined> {
  const before = await stage.broker.setTopic(DEAD_LETTERS, 'max.message.bytes', NOTHING_FITS_BYTES, signal);
  try {
    for (const end = Date.now() + forMs; Date.now() < end;) {
      await writeRubbish(stage, 'but dead letters', signal);
      await sleep(Math.min(RUBBISH_EVERY_MS, Math.max(0, end - Date.now())), undefined, { signal });
    }
  } finally {
    await stage.broker.setTopic(DEAD_LETTERS, 'max.message.bytes', before, signal);
  }
  return undefined;
}

function processesOf({ replicas }: Stage, target: Replicas): readonly ReplicaProcess[] {
  return replicasOf(target).map((name) => known(replicas.get(name), name));
}

function doorsOf({ doors }: Stage, target: Parameters<typeof linkOf>[0]): readonly Door[] {
  const { replicas, server } = linkOf(target);
  return replicas.map((replica) => known(doors.get(`${replica}>${server}`), `${replica}>${server}`));
}

function known<T>(thing: T | undefined, name: string): T {
  if (thing === undefined) throw new Error(`there is no ${name}`);
  return thing;
}
