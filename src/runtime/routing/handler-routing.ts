import { OPERATIONS } from '../../messages/index.js';
import type { Category, Contract, RoutingStrategy } from '../contracts/contract.js';
import type { HandlerRegistry, NamedHandler } from './handler-registry.js';

type Route<H> = {
  readonly key: string;
  readonly handler: H;
  readonly category: Category | undefined;
  readonly confirms: string | undefined;
};

/** Whether a routing key is meant by an entry of the contract. */
type Matches = (entry: string, key: string) => boolean;

const equal: Matches = (entry, key) => entry === key;

const STRATEGIES: Readonly<Record<RoutingStrategy, Matches>> = {
  /** By event_type. */
  payload_type_match: equal,
  /** By the inner intent_type. */
  operation_match: equal,
  /** By topic suffix: `*` stands for one part between dots, `#` at the end for the rest. */
  topic_pattern: (pattern, topic) => {
    const [wanted, given] = [pattern.split('.'), topic.split('.')];
    if (wanted.at(-1) === '#') return wanted.slice(0, -1).every((part, index) => matchesPart(part, given[index]));
    return wanted.length === given.length && wanted.every((part, index) => matchesPart(part, given[index]));
  },
};

function matchesPart(wanted: string, given: string | undefined): boolean {
  return given !== undefined && (wanted === '*' || wanted === given);
}

/** Says, by a component's contract, which handlers a message goes to. */
export class HandlerRouting<H extends NamedHandler = NamedHandler> {
  private routes: readonly Route<H>[] | undefined;
  private cache = new Map<string, readonly H[]>();

  constructor(
    private readonly contract: Contract,
    private readonly registry: HandlerRegistry<H>,
  ) {}

  /** Binds the contract's names to handlers. Throws before the registry is frozen, and when a handler is unknown. */
  init(): void {
    if (!this.registry.isFrozen) throw new Error(`${this.contract.name}: freeze the registry before routing begins`);
    const problems = this.validateHandlerRouting();
    if (problems.length > 0) throw new Error(problems.join('\n'));
    this.routes = this.contract.handler_routing.handlers.map((entry) => ({
      key: entry.routing_key,
      handler: this.registry.getHandlerById(entry.handler) as H,
      category: entry.category,
      confirms: entry.confirms,
    }));
  }

  /** Handlers for a key, in the contract's order; empty when nobody takes it. Throws before {@link init}. */
  routeToHandlers(routingKey: string, category: Category): readonly H[] {
    const cacheKey = `${category} ${routingKey}`;
    let handlers = this.cache.get(cacheKey);
    if (handlers === undefined) {
      handlers = this.matching(routingKey, category).map((route) => route.handler);
      // Keys come from messages: only what the contract knows may fill the cache.
      if (handlers.length > 0) this.cache.set(cacheKey, handlers);
    }
    return handlers;
  }

  /** The message that tells of success of what the key asks for, where the contract names one. */
  confirmationOf(routingKey: string): string | undefined {
    return this.matching(routingKey, 'intent').find((route) => route.confirms !== undefined)?.confirms;
  }

  /** Names that the registry does not know, keys that nothing produces or that are taken twice, messages without handler. */
  validateHandlerRouting(): readonly string[] {
    const { name, handler_routing: routing, consumes, publishes } = this.contract;
    const published = publishes.flatMap(({ messages }) => messages);
    const matches = STRATEGIES[routing.routing_strategy];
    const problems: string[] = [];
    const seen = new Set<string>();
    for (const { routing_key: key, handler, category, confirms } of routing.handlers) {
      if (routing.routing_strategy === 'operation_match' && (confirms === undefined || !published.includes(confirms))) {
        problems.push(`${name}: ${key} needs \`confirms\`, one of the messages published: ${published.join(', ')}`);
      }
      if (this.registry.getHandlerById(handler) === undefined) {
        const known = this.registry.getHandlers().map(({ id }) => id);
        problems.push(
          `${name}: the handler ${handler} (for ${key}) is unknown; registered: ${known.join(', ') || 'none'}`,
        );
      }
      const identity = `${key} ${handler} ${category ?? '*'}`;
      if (seen.has(identity)) problems.push(`${name}: the routing of ${key} to ${handler} is there twice`);
      seen.add(identity);
    }
    const keys = keysOf(routing.routing_strategy, consumes);
    for (const key of keys) {
      if (!routing.handlers.some((entry) => matches(entry.routing_key, key)))
        problems.push(`${name}: nothing handles ${key}`);
    }
    for (const { routing_key: key } of routing.handlers) {
      if (!keys.some((given) => matches(key, given))) problems.push(`${name}: ${key} is routed, but not consumed`);
    }
    return problems;
  }

  private matching(routingKey: string, category: Category): readonly Route<H>[] {
    if (this.routes === undefined) throw new Error(`${this.contract.name}: init the routing before the first message`);
    const matches = STRATEGIES[this.contract.handler_routing.routing_strategy];
    return this.routes.filter(
      (route) => matches(route.key, routingKey) && (route.category === undefined || route.category === category),
    );
  }
}

/** The keys that consumed messages can have. */
function keysOf(strategy: RoutingStrategy, consumes: Contract['consumes']): readonly string[] {
  const messages = [...new Set(consumes.flatMap((consumed) => consumed.messages))];
  switch (strategy) {
    case 'payload_type_match':
      return messages;
    case 'topic_pattern':
      return consumes.map((consumed) => consumed.topic);
    case 'operation_match':
      // CONSUL_INTENT carries the operations of `consul`.
      return OPERATIONS.filter((operation) => messages.includes(`${operation.split('.')[0]?.toUpperCase()}_INTENT`));
  }
}
