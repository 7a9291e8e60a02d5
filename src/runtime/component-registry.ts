import { Injectable } from '@nestjs/common';
import { checkStateMachine, type DeclaredRules } from './contracts/check-state-machine.js';
import { checkTopics } from './contracts/check-topics.js';
import { ContractError } from './contracts/contract-error.js';
import type { Contract, StateMachineContract } from './contracts/contract.js';
import type { BackendAudit } from './drift/backend-audit.js';
import type { EffectHandler } from './lanes/effect.js';
import type { MachineHandler } from './lanes/step.js';
import { HandlerRegistry, type NamedHandler } from './routing/handler-registry.js';
import { HandlerRouting } from './routing/handler-routing.js';

/** A pure component: contract, the rules that its code knows, and a handler for every message. */
export type MachineComponent = {
  readonly contract: Contract;
  readonly rules: DeclaredRules;
  readonly handlers: readonly MachineHandler[];
};

/** A component that acts: contract, and a handler for every operation. */
export type EffectComponent = { readonly contract: Contract; readonly handlers: readonly EffectHandler[] };

export type Routed<H extends NamedHandler> = { readonly contract: Contract; readonly routing: HandlerRouting<H> };

/** What is left of the components once their contracts are checked: all that the lanes need. */
export type Booted = {
  readonly machines: readonly Routed<MachineHandler>[];
  readonly effects: readonly Routed<EffectHandler>[];
};

type Registered<H extends NamedHandler> = Routed<H> & {
  readonly registry: HandlerRegistry<H>;
  readonly rules: DeclaredRules | undefined;
};

/** Where the modules of the components hand over what the runtime is to run. Boot checks it and freezes it. */
@Injectable()
export class ComponentRegistry {
  private readonly machineComponents: Registered<MachineHandler>[] = [];
  private readonly effectComponents: Registered<EffectHandler>[] = [];
  private readonly backendAudits: BackendAudit[] = [];

  registerMachine({ contract, rules, handlers }: MachineComponent): void {
    this.machineComponents.push(registered(contract, handlers, rules));
  }

  registerEffect({ contract, handlers }: EffectComponent): void {
    this.effectComponents.push(registered(contract, handlers, undefined));
  }

  /** What each rule of a machine is, by its name, as the contract has it; none where no such machine was handed over. */
  rulesOf(machine: string): StateMachineContract['rules'] {
    return (
      this.machineComponents.find(({ contract }) => contract.name === machine)?.contract.state_machine?.rules ?? {}
    );
  }

  /** How the backend of an effect component can be looked at: one for each backend. */
  registerAudit(audit: BackendAudit): void {
    if (this.backendAudits.some(({ backend }) => backend === audit.backend)) {
      throw new Error(`an audit of ${audit.backend} is already there: a backend has one`);
    }
    this.backendAudits.push(audit);
  }

  get audits(): readonly BackendAudit[] {
    return this.backendAudits;
  }

  /** Checks all contracts together and opens the routing. Throws {@link ContractError} with every problem. */
  boot(): Booted {
    const all = [...this.machineComponents, ...this.effectComponents];
    const problems = [
      ...checkTopics(all.map(({ contract }) => contract)),
      ...all.flatMap(({ contract, routing, registry, rules }) => [
        ...routing.validateHandlerRouting(),
        ...unusedHandlers(contract, registry),
        ...(rules === undefined ? [] : checkStateMachine(contract, rules)),
      ]),
    ];
    if (problems.length > 0) throw new ContractError(problems);
    for (const { registry, routing } of all) {
      registry.freeze();
      routing.init();
    }
    return { machines: this.machineComponents, effects: this.effectComponents };
  }
}

function registered<H extends NamedHandler>(
  contract: Contract,
  handlers: readonly H[],
  rules: DeclaredRules | undefined,
): Registered<H> {
  const registry = new HandlerRegistry<H>();
  for (const handler of handlers) registry.registerHandler(handler);
  return { contract, registry, rules, routing: new HandlerRouting(contract, registry) };
}

function unusedHandlers({ name, handler_routing: routing }: Contract, registry: HandlerRegistry): string[] {
  return registry
    .getHandlers()
    .filter(({ id }) => !routing.handlers.some((entry) => entry.handler === id))
    .map(({ id }) => `${name}: the handler ${id} is registered, but contract.yaml routes nothing to it`);
}
