import { loadContract } from '../runtime/contracts/load-contract.js';
import { ComponentRegistry, type Booted } from '../runtime/component-registry.js';
import { orchestratorComponent } from '../orchestrator/orchestrator.module.js';
import { reducerComponent } from '../reducer/reducer.module.js';
import { createMachine } from '../runtime/replay/create-machine.js';
import type { Machine } from '../runtime/lanes/machine.js';
import { REGISTRY_ID } from './plan/plan.js';

export type Components = {
  readonly booted: Booted;
  /** For the replay of the journal: by name. */
  readonly machines: ReadonlyMap<string, Machine>;
};

let components: Components | undefined;

/** The components of the product: read, checked and routed once a process, as nothing of them changes. */
export function loadComponents(): Components {
  if (components !== undefined) return components;
  const parts = [orchestratorComponent(), reducerComponent()];
  const registry = new ComponentRegistry();
  for (const part of parts) registry.registerMachine(part);
  const contract = loadContract(new URL('../registry-effect/contract.yaml', import.meta.url));
  // Each replica has effects of its own; here only the contract is wanted.
  const handlers = contract.handler_routing.handlers.map(({ handler }) => ({
    id: handler,
    apply: () => Promise.reject(new Error(`${handler} belongs to no replica`)),
  }));
  registry.registerEffect({ contract, handlers });
  components = {
    booted: registry.boot(),
    machines: new Map(parts.map((part) => [part.contract.name, createMachine(part, REGISTRY_ID)])),
  };
  return components;
}
