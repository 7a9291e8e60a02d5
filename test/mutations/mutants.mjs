/**
 * Bugs that registries have had, or that this one would have without one of its rules. `find` has to stand exactly once in the file;
 * `hunt`: what has to catch it, `{ seeds }` for the simulator, `{ test }` for a file of tests.
 */
const SEEDS = { seeds: 300 };
const stepLoop = 'src/runtime/lanes/step-loop.ts';
const localDelivery = 'src/runtime/lanes/local-delivery.ts';
const decideBatch = 'src/runtime/lanes/decide-batch.ts';
const effectLane = 'src/runtime/lanes/effect-lane.ts';
const heartbeatLane = 'src/runtime/lanes/heartbeat-lane.ts';
const loadBatch = 'src/runtime/journal/load-batch.ts';
const writeBatch = 'src/runtime/journal/write-batch.ts';
const scanner = 'src/runtime/deadlines/deadline-scanner.ts';
const authenticity = 'src/orchestrator/authenticity.ts';

export const MUTANTS = [
  {
    name: 'commit-before-publish',
    about: 'the offset is committed while the outputs are still on their way, or lost',
    edits: [
      {
        file: 'src/runtime/lanes/step-loops.ts',
        find: 'const { published } = await this.commits.submit(share, arrivals, arePatient);\n    await published;',
        put: 'await this.commits.submit(share, arrivals, arePatient);',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'results-not-awaited',
    about: 'an effect commits the intent before its result is in the log',
    edits: [
      {
        file: effectLane,
        find: "await metrics.timed(backend, 'publish', () => this.publish(asked, [...deadLetters, ...results]));",
        put: "void metrics.timed(backend, 'publish', () => this.publish(asked, [...deadLetters, ...results])).catch(() => undefined);",
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'dead-letter-after-commit',
    about: 'the offset of what cannot be read is committed before its dead letter is in the log',
    edits: [
      {
        file: stepLoop,
        find: 'outgoing: deadLetters.map(({ letter }) => letter),',
        put: 'outgoing: [],',
      },
      {
        file: stepLoop,
        find: "metrics.batch('steps', arrivals.length);",
        put: "metrics.batch('steps', arrivals.length);\n    const late = deadLetters.map(({ letter }) => letter);\n    setTimeout(() => void this.options.delivery.publish(late).catch(() => undefined), 500);",
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'no-dedupe',
    about: 'a redelivered message is decided a second time instead of sending the stored outputs',
    edits: [
      {
        file: decideBatch,
        find: 'if (recorded !== undefined) this.repeat(',
        put: "if (recorded === 'never') this.repeat(",
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'random-ids',
    about: 'outputs get a new id whenever they are made',
    edits: [
      {
        file: 'src/messages/ids.ts',
        find: "return derive('output', inputId, machine, nodeId, index);",
        put: "return derive('output', inputId, machine, nodeId, index, Math.random());",
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'random-result-ids',
    about: 'a repeated effect answers under another id',
    edits: [
      {
        file: 'src/messages/ids.ts',
        find: "return derive('result', intentId, backend, nodeId);",
        put: "return derive('result', intentId, backend, nodeId, Math.random());",
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'no-revision-fence',
    about: 'an old intent that appears again is carried out over a newer one',
    edits: [
      {
        file: effectLane,
        find: 'filter(({ intent }) => intent.revision >= (desired.get(intent.nodeId) ?? 0))',
        put: 'filter(({ intent }) => intent.revision >= 0 * (desired.get(intent.nodeId) ?? 0))',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'oldest-intent-wins',
    about: 'of several intents of a node in a batch the first is carried out, not the newest',
    edits: [
      {
        file: effectLane,
        find: 'if (other === undefined || other.intent.revision <= intent.revision) newest',
        put: 'if (other === undefined) newest',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'outage-becomes-success',
    about: 'a backend that cannot be reached is passed over, and its intents are committed',
    edits: [
      {
        file: effectLane,
        find: 'throw new LaneUnavailable(`${backend}: ${errorText(error)}`, retryAfterMs, { cause: error });',
        put: 'if (retryAfterMs < 0) throw new LaneUnavailable(`${backend}: ${errorText(error)}`, retryAfterMs, { cause: error });',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'wall-clock-in-a-handler',
    about: 'a pure step reads the clock',
    edits: [
      {
        file: 'src/orchestrator/rules.ts',
        find: 'updatedAt: isoTime(message.appendedAt) };',
        put: 'updatedAt: isoTime(message.appendedAt - message.appendedAt + Date.now()) };',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'stale-deadline-accepted',
    about: 'the marker of a deadline that has moved since expires the node all the same',
    edits: [
      {
        file: 'src/orchestrator/handlers/deadline-passed.ts',
        find: ' || Date.parse(armed.at) !== Date.parse(deadlineAt)',
        put: ' || Date.parse(armed.at) < 0 * Date.parse(deadlineAt)',
      },
    ],
    hunt: { seeds: 600 },
  },
  {
    name: 'deadline-before-it-is-told',
    about: 'the time to acknowledge begins before the node can know that it is accepted',
    edits: [
      {
        file: stepLoop,
        find: "await told;\n      if (announced.length > 0) await metrics.timed('steps', 'start_deadlines', () => startDeadlines(announced));",
        put: 'told.catch(() => undefined);\n      if (announced.length > 0) await startDeadlines(announced);\n      await told;',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'marker-on-another-topic',
    about: 'the marker of silence overtakes heartbeats, since it goes where acks are',
    edits: [
      {
        file: 'src/runtime/deadlines/markers.ts',
        find: 'return { topic: DEADLINE_TOPICS[kind], key',
        put: "return { topic: DEADLINE_TOPICS[kind === 'liveness' ? 'ack' : kind], key",
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'marker-while-cut-off',
    about: 'nodes are taken for silent while their heartbeats could not be heard',
    edits: [
      {
        file: scanner,
        find: 'const { heardForMs } = this.listening;',
        put: 'const heardForMs = this.listening.heardForMs < 0 ? 0 : Infinity;',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'marker-from-before-the-count',
    about: 'nodes that spoke while the fleet was counted are marked, as they were due before',
    edits: [
      {
        file: scanner,
        find: 'if (admitted) due = await dueOf(store, this.silence, page, heardForMs);',
        put: '',
      },
    ],
    hunt: { test: 'test/runtime/deadline-scanner.stack.test.ts' },
  },
  {
    name: 'listening-not-reset',
    about: 'a break in the connection does not end the time for which heartbeats were heard',
    edits: [
      {
        file: 'src/runtime/deadlines/listening.ts',
        find: 'if (read === null || now - this.behindSince > this.behindMs) this.since = this.behindSince = null;',
        put: 'if (read === null || now - this.behindSince > this.behindMs) this.behindSince = null;',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'markers-not-reset',
    about: 'a marker that was sent is never sent again, though it may not have been taken',
    edits: [
      {
        file: 'src/runtime/deadlines/markers.ts',
        find: 'if (now - at < AGAIN_AFTER_MS) break;',
        put: 'if (now - at < AGAIN_AFTER_MS * 1e9) break;',
      },
    ],
    hunt: { test: 'test/runtime/markers.unit.test.ts' },
  },
  {
    name: 'beats-behind-markers',
    about: 'within a batch markers are judged before the heartbeats that precede them',
    edits: [
      {
        file: heartbeatLane,
        find: "outgoing.push(...(await metrics.timed('heartbeats', 'decide_and_store', () => this.extend(own))));\n        if (round.markers.length > 0) await decide(round.markers);",
        put: "if (round.markers.length > 0) await decide(round.markers);\n        outgoing.push(...(await metrics.timed('heartbeats', 'decide_and_store', () => this.extend(own))));",
      },
      {
        file: 'src/runtime/lanes/rounds.ts',
        find: 'before.beat === beat ? before.round : before.round + 1;',
        put: 'before.round;',
      },
    ],
    hunt: { test: 'test/runtime/heartbeat-lane.unit.test.ts' },
  },
  {
    name: 'no-mass-expiry-guard',
    about: 'a fleet that falls silent at once expires at once',
    edits: [
      {
        file: 'src/runtime/deadlines/mass-expiry.ts',
        find: 'hold: expiring >= options.minNodes &&',
        put: 'hold: expiring < 0 && expiring >= options.minNodes &&',
      },
    ],
    hunt: { test: 'test/runtime/mass-expiry.unit.test.ts' },
  },
  {
    name: 'resurrection',
    about: 'an answer to a broadcast brings back what an operator removed',
    edits: [
      {
        file: 'src/orchestrator/handlers/node-introspection.ts',
        find: "message.payload.reason === 'startup'",
        put: "message.payload.reason !== 'shutdown'",
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'ack-of-another-attempt',
    about: 'a late ack of a former attempt acknowledges the present one',
    edits: [
      {
        file: 'src/orchestrator/handlers/node-registration-acked.ts',
        find: 'attemptId !== undefined && attemptId !== before.attemptId',
        put: "attemptId === 'none'",
      },
    ],
    hunt: { test: 'test/orchestrator/transcripts.unit.test.ts' },
  },
  {
    name: 'older-incarnation-accepted',
    about: 'what a process said before it was restarted counts again',
    edits: [
      {
        file: 'src/orchestrator/handlers/announcement.ts',
        find: 'payload.incarnation < known;',
        put: 'payload.incarnation < known - 1e15;',
      },
    ],
    hunt: { test: 'test/orchestrator/transcripts.unit.test.ts' },
  },
  {
    name: 'older-workflow-version-accepted',
    about: 'the reducer takes requests in the order in which topics happen to deliver them',
    edits: [
      {
        file: 'src/reducer/desire.ts',
        find: "if (workflowVersion <= state.workflowVersion) return ignore('stale', before, message);\n  const validated",
        put: 'const validated',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'late-confirmation-accepted',
    about: 'the confirmation of an older revision is taken for that of the present one',
    edits: [
      {
        file: 'src/reducer/answers.ts',
        find: "if (revision !== desired.revision) return ignore('stale', before, message);",
        put: '',
      },
    ],
    hunt: { test: 'test/reducer/table.unit.test.ts' },
  },
  {
    name: 'memory-between-calls',
    about: 'a pure step rests on how many were taken before it',
    edits: [
      {
        file: 'src/orchestrator/record.ts',
        find: 'metadata: payload.metadata,',
        put: 'metadata: (globalThis.taken = (globalThis.taken ?? 0) + 1) % 7 ? payload.metadata : { taken: 7 },',
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'no-row-lock',
    about: 'two replicas decide from one state, and the second overwrites the first',
    edits: [
      { file: loadBatch, find: "locks ? 'for no key update of s' : ''", put: "''" },
      { file: writeBatch, find: '      for no key update of s\n', put: '' },
      {
        file: writeBatch,
        find: 'where s.ctid = c.place and c.is_expected and',
        put: 'where s.machine = c.machine and s.node_id = c.node_id and',
      },
      {
        file: writeBatch,
        find: '(select count(*) from locked where is_expected) =',
        put: '(select count(*) from locked) =',
      },
    ],
    hunt: { test: 'test/runtime/journal-concurrency.stack.test.ts' },
  },
  {
    name: 'read-rows-not-compared',
    about: 'a step without a change is recorded although the row that it rests on has moved on',
    edits: [
      { file: writeBatch, find: 'stateColumns(moved, read)', put: 'stateColumns(moved, [])' },
      { file: writeBatch, find: '[moved.length + read.length, moved.length]', put: '[moved.length, moved.length]' },
    ],
    hunt: { test: 'test/runtime/write-batch.stack.test.ts' },
  },
  {
    name: 'states-outlive-a-failed-write',
    about: 'what a process remembers of a node is still taken for true after a write that failed',
    edits: [
      {
        file: 'src/runtime/journal/transact.ts',
        find: 'cache.forget(wanted.inputs, wanted.machines);',
        put: '',
      },
    ],
    hunt: { test: 'test/runtime/transact.unit.test.ts' },
  },
  {
    name: 'failed-hand-over-passed-over',
    about: 'the copy of a message in the log is passed over although its hand-over to a lane of the process failed',
    edits: [{ file: localDelivery, find: '() => false,', put: '() => true,' }],
    hunt: SEEDS,
  },
  {
    name: 'no-fence-in-the-table',
    about: 'a slow writer puts an older record over a newer one',
    edits: [
      {
        file: 'src/registry-effect/postgres/upsert-registrations.ts',
        find: 'WHERE stored.revision <= excluded.revision',
        put: '',
      },
    ],
    hunt: { test: 'test/registry-effect/postgres-effect.stack.test.ts' },
  },
  {
    name: 'refusal-after-a-later-write',
    about: 'a replica that hung answers an intent that another one has answered, under the same id',
    edits: [
      {
        file: effectLane,
        find: 'outcome.ok || intent.revision >= (desired.get(intent.nodeId) ?? 0),',
        put: 'outcome.ok || intent.revision >= 0 * (desired.get(intent.nodeId) ?? 0),',
      },
    ],
    hunt: { test: 'test/runtime/effect-lane.unit.test.ts' },
  },
  {
    name: 'disarmed-deadline-returns',
    about: 'a deadline that a step disarmed is armed again by the next one of the batch',
    edits: [
      {
        file: decideBatch,
        find: "const before = node.change === undefined ? 'keep' : node.change.deadline;",
        put: "const before = node.change?.deadline ?? 'keep';",
      },
    ],
    hunt: { test: 'test/runtime/decide-batch.unit.test.ts' },
  },
  {
    name: 'repair-from-an-incomplete-view',
    about: 'drift is repaired while consumers are behind, or the backend has only just come back',
    edits: [
      {
        file: 'src/runtime/drift/judge-repairs.ts',
        find: 'const incomplete = whyIncomplete(view);',
        put: 'const incomplete = whyIncomplete({ ...view, cutOff: null, servingForMs: Infinity, behind: [] });',
      },
    ],
    hunt: { test: 'test/runtime/drift-judge.unit.test.ts' },
  },
  {
    name: 'repair-by-an-old-record',
    about: 'a registry whose database is an old copy overwrites what is newer, and removes what it does not know',
    edits: [
      {
        file: 'src/runtime/drift/judge-repairs.ts',
        find: "if (drift !== 'missing' && large.differ) return 'too_many_differ';",
        put: '',
      },
    ],
    hunt: { test: 'test/runtime/drift-judge.unit.test.ts' },
  },
  {
    name: 'foreign-taken-for-a-ghost',
    about: "the audit takes somebody else's service for one of ours",
    edits: [
      {
        file: 'src/registry-effect/consul/audit-page.ts',
        find: 'if (ownerOf(service) !== registryId) findings',
        put: "if (ownerOf(service) === '') findings",
      },
    ],
    hunt: SEEDS,
  },
  {
    name: 'repair-of-what-moved-on',
    about: 'drift that was judged by an older record is mended over the newer one',
    edits: [
      {
        file: 'src/reducer/repair.ts',
        find: "if ((desired?.revision ?? null) !== revision) return ignore('stale', before, message);",
        put: '',
      },
    ],
    hunt: { test: 'test/reducer/transcripts.unit.test.ts' },
  },
  {
    name: 'present-joined-too-early',
    about: 'a follower joins the tail although that has gone on while he read: what came in between is left out',
    edits: [
      {
        file: 'src/api/events/catching-up.ts',
        find: 'if (follower.place.hasReached(tail.place, topics)) return tail.join(follower);',
        put: 'return tail.join(follower);',
      },
    ],
    hunt: { test: 'test/api/events-hub.unit.test.ts' },
  },
  {
    name: 'slow-follower-set-back',
    about: 'a follower that could not take more goes on from where he joined, and hears everything twice',
    edits: [
      {
        file: 'src/api/events/live-tail.ts',
        find: "if (follower.tell() || follower.state !== 'live') return;\n    follower.place = this.place.copy();",
        put: "if (follower.tell() || follower.state !== 'live') return;",
      },
    ],
    hunt: { test: 'test/api/events-hub.unit.test.ts' },
  },
  {
    name: 'events-lost-in-silence',
    about: 'who comes back later than the log keeps events is not told',
    edits: [
      {
        file: 'src/api/events/amended.ts',
        find: "if (counts && isGone && partition < known) loss ??= 'expired';",
        put: '',
      },
    ],
    hunt: { test: 'test/api/events-cursor.unit.test.ts' },
  },
  {
    name: 'events-out-of-time',
    about: 'what one partition has in hand is told before older events of another are fetched',
    edits: [
      {
        file: 'src/runtime/kafka/events/merged-reader.ts',
        find: 'const taken = this.split(to, (at) => at < horizon);',
        put: 'const taken = this.split(to, () => true);',
      },
    ],
    hunt: { test: 'test/runtime/kafka-events.unit.test.ts' },
  },
  {
    name: 'any-signature-will-do',
    about: 'a message that is signed counts, whoever has signed it',
    edits: [
      {
        file: authenticity,
        find: '(signedBy !== null && signedBy === state.publicKey)',
        put: 'signedBy !== null',
      },
    ],
    hunt: { test: 'test/orchestrator/properties.unit.test.ts' },
  },
  {
    name: 'commands-of-nodes',
    about: 'a node gives the commands that are for the registry to give, and so itself another key',
    edits: [
      {
        file: authenticity,
        find: "case 'REGISTER_NODE':\n      return foreign(signedBy);",
        put: "case 'REGISTER_NODE':\n      return doubtAboutNode(state, signedBy);",
      },
    ],
    hunt: { test: 'test/orchestrator/authenticity.unit.test.ts' },
  },
  {
    name: 'markers-of-anybody',
    about: 'whoever can write to the topic of heartbeats ends the time of every node',
    edits: [
      {
        file: authenticity,
        find: 'return state === null ? null : foreign(signedBy);',
        put: 'return null;',
      },
    ],
    hunt: { test: 'test/orchestrator/authenticity.unit.test.ts' },
  },
  {
    name: 'key-follows-the-signer',
    about: 'who introduces himself in the name of a node, where that is only warned of, has its key from then on',
    edits: [
      {
        file: 'src/orchestrator/handlers/own-key.ts',
        find: 'given ?? state.publicKey ?? own ?? undefined',
        put: 'given ?? own ?? state.publicKey ?? undefined',
      },
    ],
    hunt: { test: 'test/orchestrator/authenticity.unit.test.ts' },
  },
  {
    name: 'refused-but-remembered',
    about: 'what had no effect as nobody signed it is journalled, and the real message of that id dropped',
    edits: [
      {
        file: 'src/orchestrator/contract.yaml',
        find: 'ignore_unsigned: { about: nobody has signed it, ignored: unsigned, journalled: false }',
        put: 'ignore_unsigned: { about: nobody has signed it, ignored: unsigned }',
      },
    ],
    hunt: { test: 'test/orchestrator/authenticity.unit.test.ts' },
  },
  {
    name: 'signature-of-the-value-alone',
    about: 'what a node has signed can be said again on another topic, or in the name of another node',
    edits: [
      {
        file: 'src/messages/signatures.ts',
        find: '${topic}\\n`),\n    Buffer.from(key),',
        put: '\\n`),',
      },
    ],
    hunt: { test: 'test/messages/signatures.unit.test.ts' },
  },
  {
    name: 'beats-of-anybody',
    about: 'the lane of heartbeats, which passes by the handlers, takes those of others',
    edits: [
      {
        file: 'src/runtime/lanes/beat-signatures.ts',
        find: 'signedBy === REGISTRY_SIGNER || signedBy === key;',
        put: 'signedBy === REGISTRY_SIGNER || signedBy !== key || signedBy === key;',
      },
    ],
    hunt: { test: 'test/runtime/signed-beats.unit.test.ts' },
  },
  {
    name: 'beats-displaced',
    about: 'a beat that somebody else signs takes the place of the real one in the batch',
    edits: [
      {
        file: 'src/runtime/lanes/rounds.ts',
        find: '`${nodeId} ${beat.signedBy}`',
        put: 'nodeId',
      },
    ],
    hunt: { test: 'test/runtime/signed-beats.unit.test.ts' },
  },
  {
    name: 'recorded-beats',
    about: 'beats that were recorded keep a dead node alive',
    edits: [
      {
        file: 'src/messages/signatures.ts',
        find: 'Math.abs(appendedAt - Date.parse(eventTimestamp)) <= withinMs',
        put: 'appendedAt - Date.parse(eventTimestamp) >= -withinMs',
      },
    ],
    hunt: { test: 'test/messages/signatures.unit.test.ts' },
  },
  {
    name: 'markers-by-the-gateway',
    about: 'the gateway passes on whatever a topic carries, markers of deadlines included',
    edits: [
      {
        file: 'src/api/gateway/envelopes.ts',
        find: 'if (message.eventType === eventType) return',
        put: 'if (message.eventType !== undefined) return',
      },
    ],
    hunt: { test: 'test/api/gateway-posts.unit.test.ts' },
  },
  {
    name: 'replay-forgets-who-signed',
    about: 'the journal is replayed as if nobody had looked at signatures',
    edits: [
      {
        file: 'src/runtime/replay/replay.ts',
        find: 'authorship: used.authorship,',
        put: '',
      },
    ],
    hunt: { test: 'test/replay/fixtures.unit.test.ts' },
  },
  {
    name: 'planted-key',
    about: 'while doubtful messages are only warned of, anybody plants the key that a node is known by afterwards',
    edits: [
      {
        file: 'src/orchestrator/handlers/own-key.ts',
        find: "message.eventType === 'REGISTER_NODE' && signedBy === REGISTRY_SIGNER;",
        put: "message.eventType === 'REGISTER_NODE' && signedBy !== undefined;",
      },
    ],
    hunt: { test: 'test/orchestrator/authenticity.unit.test.ts' },
  },
];
