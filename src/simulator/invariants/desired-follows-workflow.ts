import { canonicalJson } from '../../messages/index.js';
import type { Invariant } from './invariant.js';
import { wanted, workflows } from './workflow.js';

const GONE = ['ack_timed_out', 'liveness_expired', 'deregistered', 'deregistering'];

export const desiredFollowsWorkflow: Invariant = {
  name: 'desired-follows-workflow',
  sentence:
    'In the end what is desired of a node is what its workflow says: an active node is present, passing, and has the record that it announced last; one that is gone is absent, in both backends.',
  watch: (world, breach) => ({
    atRest: () => {
      const desires = new Map(wanted(world));
      for (const [nodeId, { status, record, attemptId }] of workflows(world)) {
        const desired = desires.get(nodeId)?.desired ?? null;
        if (status === 'active') {
          if (desired?.presence !== 'present' || desired.health !== 'passing') {
            breach(
              `${nodeId} is active, but desired ${desired?.presence ?? 'not at all'} and ${desired?.health ?? 'nothing'}`,
            );
          } else if (desired.attemptId !== attemptId || canonicalJson(desired.record) !== canonicalJson(record)) {
            breach(`${nodeId} is active with another record or attempt than the desired one`);
          }
        } else if (GONE.includes(status) && desired?.presence === 'present') {
          breach(`${nodeId} is ${status}, but desired present`);
        }
      }
    },
  }),
};
