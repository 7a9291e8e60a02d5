import type { MachineComponent } from '../component-registry.js';
import { checkStateMachine } from '../contracts/check-state-machine.js';
import { ContractError } from '../contracts/contract-error.js';
import { Machine } from '../lanes/machine.js';
import type { MachineHandler } from '../lanes/step.js';
import { HandlerRegistry } from '../routing/handler-registry.js';
import { HandlerRouting } from '../routing/handler-routing.js';

/** A machine by itself, without the loop around it. Throws {@link ContractError} as boot does. */
export function createMachine({ contract, rules, handlers }: MachineComponent, registryId: string): Machine {
  const registry = new HandlerRegistry<MachineHandler>();
  for (const handler of handlers) registry.registerHandler(handler);
  const routing = new HandlerRouting(contract, registry);
  const problems = [...routing.validateHandlerRouting(), ...checkStateMachine(contract, rules)];
  if (problems.length > 0) throw new ContractError(problems);
  registry.freeze();
  routing.init();
  return new Machine(contract, routing, registryId);
}
