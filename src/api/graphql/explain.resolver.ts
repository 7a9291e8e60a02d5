import { Inject } from '@nestjs/common';
import { Args, ID, Query, Resolver } from '@nestjs/graphql';
import { z } from 'zod';
import { Explainer } from '../explain/explainer.js';
import { validated } from '../http/validate.js';
import { nodeIdParameter, pastMoment } from '../parameters.js';
import { orNull } from './arguments.js';
import { ExplanationModel } from './explanation.model.js';
import { DateTime } from './scalars.js';

const explainArguments = z.object({ id: nodeIdParameter, asOf: orNull(pastMoment) });

@Resolver(() => ExplanationModel)
export class ExplainResolver {
  constructor(@Inject(Explainer) private readonly explainer: Explainer) {}

  @Query(() => ExplanationModel, {
    nullable: true,
    description: 'Why a node is in its state, now or at a moment; null for a node that is, or was then, not known',
  })
  explain(
    @Args('id', { type: () => ID }) id: string,
    @Args('asOf', { type: () => DateTime, nullable: true }) asOf?: unknown,
  ): Promise<ExplanationModel | null> {
    const wanted = validated(explainArguments, { id, asOf }, 'argument');
    return this.explainer.explain(wanted.id, wanted.asOf ?? null);
  }
}
