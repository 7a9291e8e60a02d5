import { describe, expect, it } from '@jest/globals';
import type { Contract, RoutingStrategy } from '../../src/runtime/contracts/contract.js';
import { HandlerRegistry } from '../../src/runtime/routing/handler-registry.js';
import { HandlerRouting } from '../../src/runtime/routing/handler-routing.js';
import { contractOf } from '../support/contracts.js';

type Entry = Contract['handler_routing']['handlers'][number];

function registryOf(...ids: readonly string[]): HandlerRegistry {
  const registry = new HandlerRegistry();
  for (const id of ids) registry.registerHandler({ id });
  return registry;
}

function routingOf(
  strategy: RoutingStrategy,
  handlers: readonly Entry[],
  { frozen = true, consumes = [] as Contract['consumes'] } = {},
) {
  const contract: Contract = {
    ...contractOf('reducer'),
    consumes,
    handler_routing: { routing_strategy: strategy, handlers },
  };
  const registry = registryOf('one', 'two', 'three');
  if (frozen) registry.freeze();
  return new HandlerRouting(contract, registry);
}

describe('HandlerRegistry', () => {
  it('gives handlers by id, in the order in which they came', () => {
    const registry = registryOf('one', 'two');
    expect(registry.getHandlerById('two')).toEqual({ id: 'two' });
    expect(registry.getHandlerById('three')).toBeUndefined();
    expect(registry.getHandlers()).toEqual([{ id: 'one' }, { id: 'two' }]);
    expect(registry.handlerCount).toBe(2);
    expect(registry.unregisterHandler('one')).toBe(true);
    expect(registry.unregisterHandler('one')).toBe(false);
    expect(registry.handlerCount).toBe(1);
  });

  it('refuses an id that is taken, until it is free again', () => {
    const registry = registryOf('one');
    expect(() => registry.registerHandler({ id: 'one' })).toThrow('a handler with the id one is registered already');
    registry.unregisterHandler('one');
    registry.registerHandler({ id: 'one' });
    expect(registry.handlerCount).toBe(1);
  });

  it('never changes once it is frozen', () => {
    const registry = registryOf('one');
    expect(registry.isFrozen).toBe(false);
    registry.freeze();
    expect(registry.isFrozen).toBe(true);
    expect(() => registry.registerHandler({ id: 'two' })).toThrow(
      'cannot register the handler two: the registry is frozen',
    );
    expect(() => registry.unregisterHandler('one')).toThrow(
      'cannot unregister the handler one: the registry is frozen',
    );
    expect(registry.getHandlers()).toEqual([{ id: 'one' }]);
  });

  it('hands out a copy of its list', () => {
    const registry = registryOf('one');
    (registry.getHandlers() as unknown[]).pop();
    expect(registry.handlerCount).toBe(1);
  });
});

describe('HandlerRouting', () => {
  const ids = (routing: HandlerRouting, key: string, category: 'event' | 'command' | 'intent' = 'event') =>
    routing.routeToHandlers(key, category).map(({ id }) => id);

  it('begins neither before the registry is frozen nor before init', () => {
    const open = routingOf('payload_type_match', [], { frozen: false });
    expect(() => open.init()).toThrow('reducer: freeze the registry before routing begins');
    const closed = routingOf('payload_type_match', []);
    expect(() => closed.routeToHandlers('NODE_HEARTBEAT', 'event')).toThrow(
      'reducer: init the routing before the first message',
    );
  });

  it('does not begin with a handler that is unknown', () => {
    const routing = routingOf('payload_type_match', [{ routing_key: 'a', handler: 'four' }]);
    expect(() => routing.init()).toThrow('reducer: the handler four (for a) is unknown; registered: one, two, three');
  });

  it('payload_type_match goes by the name, whole and exact', () => {
    const consumes: Contract['consumes'] = [{ topic: 'x', messages: ['consul.register', '*'], group: 'reducer' }];
    const routing = routingOf(
      'payload_type_match',
      [
        { routing_key: 'consul.register', handler: 'two' },
        { routing_key: 'consul.register', handler: 'one' },
        { routing_key: '*', handler: 'three' },
      ],
      { consumes },
    );
    routing.init();
    expect(ids(routing, 'consul.register')).toEqual(['two', 'one']);
    expect(ids(routing, 'consul.registered')).toEqual([]);
    expect(ids(routing, 'consul')).toEqual([]);
    expect(ids(routing, '__proto__')).toEqual([]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['evt.node-heartbeat.v1', ['evt.node-heartbeat.v1'], ['evt.node-heartbeat.v2', 'evt.node-heartbeat', 'evt']],
    ['evt.*.v1', ['evt.node-heartbeat.v1', 'evt.x.v1'], ['cmd.x.v1', 'evt.x.v2', 'evt.x.y.v1', 'evt.v1']],
    ['evt.#', ['evt.x.v1', 'evt.x'], ['cmd.x.v1', 'event.x']],
    ['*.node-heartbeat.#', ['evt.node-heartbeat.v1', 'cmd.node-heartbeat.v1.x'], ['evt.node.v1']],
    ['#', ['evt.x.v1', 'x'], []],
    ['evt.node*.v1', [], ['evt.node-heartbeat.v1']],
  ])('topic_pattern: %s', (pattern, taken, left) => {
    const consumes: Contract['consumes'] = [...taken, pattern].map((topic) => ({
      topic,
      messages: [],
      group: 'reducer',
    }));
    const routing = routingOf('topic_pattern', [{ routing_key: pattern, handler: 'one' }], { consumes });
    routing.init();
    for (const topic of taken) expect([topic, ids(routing, topic)]).toEqual([topic, ['one']]);
    for (const topic of left) expect([topic, ids(routing, topic)]).toEqual([topic, []]);
  });

  it('topic_pattern: a consumed topic that no pattern takes is a mistake', () => {
    const consumes: Contract['consumes'] = [{ topic: 'evt.x.v1', messages: [], group: 'reducer' }];
    const routing = routingOf('topic_pattern', [{ routing_key: 'cmd.#', handler: 'one' }], { consumes });
    expect(routing.validateHandlerRouting()).toEqual([
      'reducer: nothing handles evt.x.v1',
      'reducer: cmd.# is routed, but not consumed',
    ]);
  });

  it('an entry for one category does not take the others, however often it is asked', () => {
    const consumes: Contract['consumes'] = [{ topic: 'x', messages: ['a'], group: 'reducer' }];
    const routing = routingOf(
      'payload_type_match',
      [
        { routing_key: 'a', handler: 'one', category: 'command' },
        { routing_key: 'a', handler: 'two', category: 'event' },
        { routing_key: 'a', handler: 'three' },
      ],
      { consumes },
    );
    routing.init();
    for (let times = 0; times < 2; times++) {
      expect(ids(routing, 'a', 'command')).toEqual(['one', 'three']);
      expect(ids(routing, 'a', 'event')).toEqual(['two', 'three']);
      expect(ids(routing, 'a', 'intent')).toEqual(['three']);
    }
  });

  describe('operation_match', () => {
    const effect = contractOf('registry-effect');
    const routed = (change: (handlers: Entry[]) => void): HandlerRouting => {
      const handlers = effect.handler_routing.handlers.map((entry) => ({ ...entry }));
      change(handlers);
      const registry = registryOf(...effect.handler_routing.handlers.map(({ handler }) => handler));
      registry.freeze();
      return new HandlerRouting({ ...effect, handler_routing: { ...effect.handler_routing, handlers } }, registry);
    };

    it('goes by the operation, whole and exact, and says what confirms it', () => {
      const routing = routed(() => undefined);
      routing.init();
      expect(ids(routing, 'consul.register', 'intent')).toEqual(['register-consul-services']);
      expect(ids(routing, 'consul.registered', 'intent')).toEqual([]);
      expect(ids(routing, '__proto__', 'intent')).toEqual([]);
      expect(routing.confirmationOf('consul.register')).toBe('CONSUL_REGISTERED');
      expect(routing.confirmationOf('consul.registered')).toBeUndefined();
    });

    it.each<[string, (handlers: Entry[]) => void, string]>([
      [
        'an operation without a handler',
        (handlers) => handlers.pop(),
        'nothing handles postgres.deactivate_registration',
      ],
      [
        'an unknown operation',
        (handlers) => (handlers[0]!.routing_key = 'consul.paint'),
        'consul.paint is routed, but not consumed',
      ],
      ['no word of what confirms it', (handlers) => delete handlers[0]!.confirms, 'consul.register needs `confirms`'],
      [
        'a confirmation that is not published',
        (handlers) => (handlers[0]!.confirms = 'DONE'),
        'consul.register needs `confirms`',
      ],
    ])('%s is a mistake', (_name, spoil, problem) => {
      expect(routed(spoil).validateHandlerRouting().join('\n')).toContain(problem);
    });
  });
});
