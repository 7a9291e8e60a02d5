import type { Invariant } from './invariant.js';
import { workflows } from './workflow.js';

/** What ends a registration by right. */
const ENDS = ['begin_deregistration', 'expire_liveness', 'restart_attempt', 'replace_attempt'];

export const acknowledgedStays: Invariant = {
  name: 'acknowledged-stays',
  sentence:
    'A registration that was acknowledged and became active is active in the end, unless the journal has the restart, the departure or the expiry that ended it; and a node that is there and talks is registered.',
  watch: (world, breach) => {
    const active = new Map<string, string>();
    return {
      appended: ({ message }) => {
        if (message?.event_type !== 'NODE_BECAME_ACTIVE') return;
        active.set(String(message.payload['attempt_id']), message.payload.node_id);
      },
      atRest: () => {
        const states = new Map(workflows(world));
        for (const [attemptId, nodeId] of active) {
          const state = states.get(nodeId);
          if (state?.status === 'active' && state.attemptId === attemptId) continue;
          const history = world.table.journal.get(`orchestrator ${nodeId}`) ?? [];
          const from = history.findIndex(
            ({ toStatus, stateAfter }) => toStatus === 'active' && stateAfter?.includes(attemptId) === true,
          );
          if (!history.slice(from + 1).some(({ rule }) => ENDS.includes(rule))) {
            breach(`attempt ${attemptId} of ${nodeId} was active, nothing ended it, and it is gone`);
          }
        }
        for (const node of world.nodes.values()) {
          const status = states.get(node.id)?.status;
          if (node.alive && !['active', 'deregistered', 'rejected'].includes(status ?? 'unknown')) {
            breach(`${node.id} is there and talks, but it is ${status ?? 'unknown'}`);
          }
        }
      },
    };
  },
};
