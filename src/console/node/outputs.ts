import type { NodeStep } from '../../api-answers/answers.js';

type StepOutput = NodeStep['outputs'][number];

/** What an output asks or tells, in a few words. */
export function outputWords({ payload }: StepOutput): string {
  const intent = intentOf(payload);
  if (intent !== null) return intent;
  const { kind, reason, revision } = payload;
  return [
    typeof kind === 'string' ? kind : null,
    typeof revision === 'number' ? `revision ${revision}` : null,
    typeof reason === 'string' ? reason : null,
  ]
    .filter((text) => text !== null)
    .join(', ');
}

/** An intent says what a backend is to do: `consul.register, revision 3, passing`. */
function intentOf(payload: StepOutput['payload']): string | null {
  const { intent } = payload as { readonly intent?: { readonly payload?: Readonly<Record<string, unknown>> } };
  const asked = intent?.payload;
  if (asked === undefined || typeof asked['intent_type'] !== 'string') return null;
  const { intent_type: what, revision, health, only_health: onlyHealth, state } = asked;
  return [
    what,
    typeof revision === 'number' ? `revision ${revision}` : null,
    typeof health === 'string' ? health : null,
    typeof state === 'string' ? state : null,
    onlyHealth === true ? 'the check only' : null,
  ]
    .filter((text) => text !== null)
    .join(', ');
}
