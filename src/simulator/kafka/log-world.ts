import type { TopicNames } from '../../messages/index.js';
import type { Random } from '../random.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { Wire } from '../wire.js';
import type { Broker } from './broker.js';
import type { Coordinator } from './coordinator.js';

/** What a client of the simulated log shares with all others. */
export type LogWorld = {
  readonly time: VirtualTime;
  readonly wire: Wire;
  readonly broker: Broker;
  readonly coordinator: (group: string) => Coordinator;
  readonly random: Random;
  readonly names: TopicNames;
  /** How often a producer tries again before it gives up. */
  readonly producerRetries: number;
  /** How likely a deadline marker is confirmed and lost, 0-1. */
  readonly markersLost: number;
  /** Most records that one fetch brings of a partition. */
  readonly fetchLimit: number;
};
