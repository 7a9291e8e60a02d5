import type { Facts } from '../read/facts.js';
import type { NodeState } from '../read/node.js';

/** Why a node is in the state that it is in. Times are RFC 3339, UTC. */
export type Explanation = {
  readonly nodeId: string;
  readonly state: NodeState;
  /** When the message came that led into the state. */
  readonly since: string;
  /** The step that led into the state. */
  readonly because: {
    readonly eventType: string;
    readonly eventId: string;
    readonly occurredAt: string;
    /** Of the orchestrator's contract. */
    readonly rule: string;
  };
  /** All of it in words: a line for each thought. */
  readonly text: string;
};

/** What a rule of the orchestrator's contract says of itself. */
export type RuleText = {
  readonly about: string;
  /** Why a message that it passes over changes nothing. */
  readonly ignored?: string | undefined;
};

export type RuleTexts = Readonly<Record<string, RuleText>>;

/** What explains a node: facts of the journal, what the rules of the contract say, and who the registry is. */
export type Explained = { readonly facts: Facts; readonly rules: RuleTexts; readonly registryId: string };
