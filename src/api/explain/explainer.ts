import { Inject, Injectable } from '@nestjs/common';
import { ComponentRegistry, type Database, STATE_DATABASE } from '../../runtime/index.js';
import { API_OPTIONS, type ApiOptions } from '../options.js';
import { explainFacts } from '../read/explain-facts.js';
import { Slots } from '../read/slots.js';
import { explain } from './explain.js';
import type { Explanation } from './explanation.js';

/** It takes a few milliseconds, and is asked for by people. */
const MAX_AT_ONCE = 1;

/** Tells why a node is in its state, from journal and contract. Throws StateUnavailable. */
@Injectable()
export class Explainer {
  private readonly slots = new Slots(MAX_AT_ONCE);

  constructor(
    @Inject(STATE_DATABASE) private readonly database: Database,
    @Inject(ComponentRegistry) private readonly components: ComponentRegistry,
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
  ) {}

  /** As it is now, or as it was at `asOf` (RFC 3339). Null for a node that is, or was then, not known. */
  async explain(nodeId: string, asOf: string | null): Promise<Explanation | null> {
    const facts = await this.slots.run(() => explainFacts(this.database, nodeId, asOf));
    if (facts === null) return null;
    return explain({ facts, rules: this.components.rulesOf('orchestrator'), registryId: this.options.registryId });
  }
}
