import { Module, type OnModuleInit } from '@nestjs/common';
import { ComponentRegistry, loadContract, type MachineComponent } from '../runtime/index.js';
import { REDUCER_HANDLERS, REDUCER_RULES } from './reducer.js';

/** Hands the reducer to the runtime. The only file here that knows of Nest or the runtime. */
@Module({})
export class ReducerModule implements OnModuleInit {
  constructor(private readonly components: ComponentRegistry) {}

  onModuleInit(): void {
    this.components.registerMachine(reducerComponent());
  }
}

export function reducerComponent(): MachineComponent {
  const contract = loadContract(new URL('./contract.yaml', import.meta.url));
  return { contract, rules: REDUCER_RULES, handlers: REDUCER_HANDLERS };
}
