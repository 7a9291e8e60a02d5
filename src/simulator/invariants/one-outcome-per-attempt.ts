import type { Invariant } from './invariant.js';

const ONCE = ['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE', 'NODE_REGISTRATION_ACK_TIMED_OUT'];

export const oneOutcomePerAttempt: Invariant = {
  name: 'one-outcome-per-attempt',
  sentence:
    'An attempt has one NODE_REGISTRATION_ACCEPTED and one NODE_BECAME_ACTIVE (copies with the same id and bytes aside), and never both NODE_BECAME_ACTIVE and NODE_REGISTRATION_ACK_TIMED_OUT.',
  watch: (_world, breach) => {
    const ids = new Map<string, string>();
    return {
      appended: ({ message }) => {
        if (message === null || !ONCE.includes(message.event_type)) return;
        const { event_type: type, event_id: id, payload } = message;
        const attempt = String(payload['attempt_id']);
        const key = `${type} ${attempt}`;
        const known = ids.get(key);
        if (known !== undefined && known !== id) {
          breach(`attempt ${attempt} of ${payload.node_id} has two ${type}: ${known} and ${id}`);
        }
        ids.set(key, id);
        const other = type === 'NODE_BECAME_ACTIVE' ? 'NODE_REGISTRATION_ACK_TIMED_OUT' : 'NODE_BECAME_ACTIVE';
        if (type !== 'NODE_REGISTRATION_ACCEPTED' && ids.has(`${other} ${attempt}`)) {
          breach(`attempt ${attempt} of ${payload.node_id} became active and timed out`);
        }
      },
    };
  },
};
