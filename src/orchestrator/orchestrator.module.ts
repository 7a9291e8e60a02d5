import { Module, type OnModuleInit } from '@nestjs/common';
import { ComponentRegistry, loadContract, type MachineComponent } from '../runtime/index.js';
import { ORCHESTRATOR_RULES, orchestratorHandlers } from './orchestrator.js';

/** Hands the orchestrator to the runtime. The only file here that knows of Nest or the runtime. */
@Module({})
export class OrchestratorModule implements OnModuleInit {
  constructor(private readonly components: ComponentRegistry) {}

  onModuleInit(): void {
    this.components.registerMachine(orchestratorComponent());
  }
}

export function orchestratorComponent(): MachineComponent {
  const contract = loadContract(new URL('./contract.yaml', import.meta.url));
  const { admission } = contract;
  if (admission === undefined) throw new Error('src/orchestrator/contract.yaml has no admission');
  return {
    contract,
    rules: ORCHESTRATOR_RULES,
    handlers: orchestratorHandlers({
      allowedNodeTypes: admission.allowed_node_types,
      requiredFields: admission.required_fields,
      fleetLimit: admission.fleet_limit,
    }),
  };
}
