import { Field, ObjectType } from '@nestjs/graphql';
import { DateTime } from './scalars.js';

@ObjectType('Registry', { description: 'The registry as it was at a moment, by its journal' })
export class RegistryModel {
  @Field(() => DateTime, { description: 'The moment' })
  readonly asOf!: string;
}
