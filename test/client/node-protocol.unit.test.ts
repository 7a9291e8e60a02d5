import { describe, expect, it } from '@jest/globals';
import { acknowledge, hear, introspect, type AnswerType, type NodeState } from '../../src/client/index.js';
import type { Message } from '../../src/messages/index.js';
import { descriptionOf } from '../../src/fleet/simulated-node.js';
import { answer, ATTEMPT, CORRELATION, OTHER } from './answers.js';

const NODE = 'n-1';

/** given(state).when(answers...).then(state, says): the node is ready, so it acknowledges what it can. */
function given(state: NodeState) {
  return {
    when: (...answers: readonly Message<AnswerType>[]) => {
      const says: unknown[] = [];
      let now = state;
      for (const one of answers) {
        const step = acknowledge(NODE, hear(now, one));
        now = step.state;
        says.push(...step.says);
      }
      return {
        then: (status: NodeState['status'], ...expected: readonly object[]) => {
          expect(now.status).toBe(status);
          expect(says).toEqual(expected.map((saying) => expect.objectContaining(saying) as unknown));
        },
      };
    },
  };
}

const introspected = introspect(descriptionOf(NODE, 0, 1), CORRELATION).state;
const accepted = answer('NODE_REGISTRATION_ACCEPTED');
const active = answer('NODE_BECAME_ACTIVE');
const rejected = answer('NODE_REGISTRATION_REJECTED');
const timedOut = answer('NODE_REGISTRATION_ACK_TIMED_OUT');
const ack = { eventType: 'NODE_REGISTRATION_ACKED', correlationId: CORRELATION, causationId: accepted.eventId };

describe('a node', () => {
  it('begins with its introspection, the root of a workflow', () => {
    expect(introspect(descriptionOf(NODE, 0, 1), CORRELATION)).toMatchObject({
      state: { status: 'introspected', correlationId: CORRELATION },
      says: [{ eventType: 'NODE_INTROSPECTION', correlationId: CORRELATION, causationId: null }],
    });
  });

  it('acknowledges what was accepted, and becomes active', () => {
    given(introspected).when(accepted).then('acknowledged', ack);
    given(introspected).when(accepted, active).then('active', ack);
  });

  it('waits with the ack until it is ready', () => {
    expect(hear(introspected, accepted)).toMatchObject({ status: 'accepted', heartbeatIntervalMs: 10_000 });
    expect(acknowledge(NODE, introspected).says).toEqual([]);
  });

  it('names its attempt in the ack', () => {
    const { says } = acknowledge(NODE, hear(introspected, accepted));
    expect(says[0]?.payload).toEqual({ nodeId: NODE, attemptId: ATTEMPT });
  });

  it('acknowledges once, however often it hears that it was accepted', () => {
    given(introspected).when(accepted, accepted, active, accepted).then('active', ack);
  });

  it('acknowledges a later attempt again', () => {
    const again = answer('NODE_REGISTRATION_ACCEPTED', { attemptId: OTHER });
    given(introspected).when(accepted, timedOut, again).then('acknowledged', ack, { causationId: again.eventId });
  });

  it('takes a rejection, but stays active when an update is refused', () => {
    given(introspected).when(rejected).then('rejected');
    given(introspected).when(accepted, active, rejected).then('active', ack);
  });

  it('is too late with its ack, also when it hears that first', () => {
    given(introspected).when(accepted, timedOut).then('ack_timed_out', ack);
    given(introspected).when(timedOut, accepted).then('ack_timed_out');
  });

  it('ignores other attempts and other workflows', () => {
    given(introspected).when(accepted, answer('NODE_BECAME_ACTIVE', { attemptId: OTHER })).then('acknowledged', ack); // prettier-ignore
    for (const type of [accepted, active, rejected, timedOut]) {
      expect(hear(introspected, { ...type, correlationId: OTHER })).toBe(introspected);
    }
  });
});
