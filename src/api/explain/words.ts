import type { BackendError } from '../read/facts.js';
import type { RuleTexts } from './explanation.js';

const BACKEND_NAMES: Readonly<Record<string, string>> = { consul: 'Consul', postgres: 'PostgreSQL' };

export function backendName(backend: string): string {
  return BACKEND_NAMES[backend] ?? backend;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

const MAX_QUOTED = 300;

/** What others wrote: on one line, between quotation marks, and not without end. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}

/** `time_out_ack: no acknowledgement came …`; rules that the contract of today does not have stand for themselves. */
export function ruleInWords(rule: string, rules: RuleTexts): string {
  const about = Object.hasOwn(rules, rule) ? rules[rule]?.about : undefined;
  return `${rule} (${about ?? 'the contract of today has it no more'})`;
}

/** Who sent a message, as an operator would say it. */
export function sender(source: string, eventType: string, { nodeId, registryId }: Names): string {
  if (source === nodeId) return 'the node itself';
  if (source !== registryId) return source;
  return COMMANDS.includes(eventType) ? 'an operator by the API' : 'the registry';
}

export type Names = { readonly nodeId: string; readonly registryId: string };

const COMMANDS = ['REGISTER_NODE', 'DEREGISTER_NODE'];

export function errorsInWords(errors: readonly BackendError[]): string {
  return errors
    .map(({ backend, error_code: code, error_message: message }) => {
      const where = backend === null ? '' : `${backendName(backend)}: `;
      return `${where}${code} ${quoted(message)}`;
    })
    .join('; ');
}
