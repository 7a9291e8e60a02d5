import { ExplainResolver } from './explain.resolver.js';
import { HistoryResolver } from './history.resolver.js';
import { NodeEventsResolver } from './node-events.resolver.js';
import { NodesResolver } from './nodes.resolver.js';
import { RegistryResolver } from './registry.resolver.js';
import { StatsResolver } from './stats.resolver.js';

/** All of them, for the module that serves the schema and for the program that prints it. */
export const RESOLVERS = [
  NodesResolver,
  HistoryResolver,
  StatsResolver,
  RegistryResolver,
  ExplainResolver,
  NodeEventsResolver,
] as const;
