import { HistoryResolver } from './history.resolver.js';
import { NodesResolver } from './nodes.resolver.js';
import { StatsResolver } from './stats.resolver.js';

/** All of them, for the module that serves the schema and for the program that prints it. */
export const RESOLVERS = [NodesResolver, HistoryResolver, StatsResolver] as const;
