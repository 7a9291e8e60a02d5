import {
  isCompacted,
  messagesOn,
  RETENTION_MS,
  SNAPSHOT_TOPIC,
  TOPIC_SUFFIXES,
  TOPICS,
  type MessageType,
  type Party,
  type TopicSuffix,
} from '../../messages/index.js';
import { ABOUT, OUTSIDE, PARTIES } from './about.js';
import { exampleOf } from './examples.js';
import { fieldRows } from './field-rows.js';
import { payloadSchema } from './schemas.js';

const DAYS = RETENTION_MS / (24 * 3600 * 1000);

/** Topics that somebody outside reads or writes; the others are the registry's own business, and described with them. */
const isForOthers = (topic: TopicSuffix): boolean => {
  const { producers, consumers }: { producers: readonly Party[]; consumers: readonly Party[] } = TOPICS[topic];
  return [...producers, ...consumers].some((party) => OUTSIDE.includes(party));
};

const INTRODUCTION = `# Events

What Rollcall says on Kafka, and what it hears there: every topic, every message, every field. This page and [asyncapi.json](../asyncapi.json)
(served at \`/asyncapi.json\`) are made of the schemas that the registry itself decodes with. How a node takes part is told in
[nodes.md](nodes.md).

## How to read them safely

- **Order.** The key of a record is the node's id, always, so a node's records of one topic stand in the order in which they happened. Over
  several topics there is no order: what belongs together has one \`correlation_id\`, what led to a message is its \`causation_id\`.
- **Copies.** Every message may come more than once: after a crash, and when something was sent again. A copy has the same \`event_id\`, and the same
  bytes (of results of effects \`duration_ms\` may differ). Remember the ids that you acted on, or act so that twice is as good as once.
- **Time.** Topics are stamped by the broker (\`LogAppendTime\`). \`event_timestamp\` of the registry's own messages is the append time of the
  message that they follow from; of a node's messages it is the node's own clock.
- **Kept** for ${DAYS} days, so a consumer may be away for as long. Who was away longer, or begins anew, takes the fleet from
  [${SNAPSHOT_TOPIC}](#${anchor(SNAPSHOT_TOPIC)}), which is kept for good.
- **Unknown fields** and unknown messages are to be passed over: a release may add some. What is there keeps its name, type and meaning for as
  long as the topic has its \`.v1\`.
- **Broken records.** Nobody else should write to these topics; whoever can, may. The registry puts what it cannot read to
  [dlq.v1](#${anchor('dlq.v1')}) and goes on. Do likewise: check \`event_type\`, and never stop at a record that you do not understand.
- **A group of your own.** Take a consumer group that is not one of the registry's (\`KAFKA_GROUP_PREFIX\`), and commit what you are done with.

Topics are named \`{TOPIC_PREFIX}.{name}\`, \`dev.onex\` unless told otherwise. Each record has the headers \`content-type\`, \`event_type\` and
\`correlation_id\`, and \`traceparent\` where there is one. What nodes, operators and deadlines say may be signed, in the headers \`signature\` and
\`public_key\` ([nodes.md](nodes.md#signatures)).

### To have the fleet from Kafka alone

Read \`dev.onex.${SNAPSHOT_TOPIC}\` from its beginning to the ends that it has now, then go on. Keep for each key the last record; a record without
value (a tombstone) ends the key. That is the fleet: every node that takes part, with its record and state. It follows a change within about a second.
A node with \`state\` other than \`active\` is not ready to be used.

- What comes last counts, not what is newest: after a process hung, an older \`workflow_version\` may follow a newer one for a moment; the right one
  follows it.
- A node at a version has one snapshot, byte for byte. So a copy is told by its \`event_id\`, and a change by its \`workflow_version\`,
  which stands in the headers, too.
- Tombstones are kept for ${DAYS} days. Who was away longer begins anew, with an empty map.

## The envelope

Every value is a JSON object in an envelope:

`;

/** docs/events.md: topic by topic what is said, by whom, when, and with which fields. */
export function eventReference(): string {
  const outside = TOPIC_SUFFIXES.filter(isForOthers);
  const inside = TOPIC_SUFFIXES.filter((topic) => !isForOthers(topic));
  return [
    INTRODUCTION,
    ENVELOPE,
    '## Topics\n\n',
    overview(outside),
    ...outside.map(sectionOf),
    '## Within the registry\n\nThese are how its parts talk to each other. They may change with any release: do not build on them.\n\n',
    overview(inside),
    ...inside.map(sectionOf),
  ].join('');
}

const ENVELOPE = `\`\`\`json
${JSON.stringify(exampleOf('NODE_BECAME_ACTIVE'), null, 2)}
\`\`\`

`;

function overview(topics: readonly TopicSuffix[]): string {
  const rows = topics.map(
    (topic) => `| [${topic}](#${anchor(topic)}) | ${partiesOf(topic)} | ${messagesOn(topic).join(', ')} |`,
  );
  return `| topic | from and to | messages |\n| --- | --- | --- |\n${rows.join('\n')}\n\n`;
}

function sectionOf(topic: TopicSuffix): string {
  const kept = isCompacted(topic) ? 'compacted: the last record of each key is kept for good' : `kept for ${DAYS} days`;
  const messages = messagesOn(topic).filter((type) => type !== 'DEADLINE_PASSED' || topic === 'evt.node-heartbeat.v1');
  const also =
    messages.length < messagesOn(topic).length ? ' It also carries DEADLINE_PASSED, the marker of a deadline.' : '';
  return `### ${topic}\n\n${sentence(partiesOf(topic))}; ${kept}.${also}\n\n${messages.map(messageText).join('')}`;
}

function messageText(type: MessageType): string {
  const rows = fieldRows(payloadSchema(type)).map(
    ({ name, type: text, meaning }) => `| \`${name}\` | ${cell(text)} | ${cell(meaning)} |`,
  );
  const table = `| field | type | meaning |\n| --- | --- | --- |\n${rows.join('\n')}`;
  const { payload } = exampleOf(type);
  return `**${type}.** ${ABOUT[type]}\n\n${table}\n\n\`\`\`json\n${JSON.stringify(payload, null, 2)}\n\`\`\`\n\n`;
}

function partiesOf(topic: TopicSuffix): string {
  const { producers, consumers } = TOPICS[topic];
  return `from ${producers.map((party) => PARTIES[party]).join(', ')} to ${consumers.map((party) => PARTIES[party]).join(', ')}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** As GitHub makes it of a heading. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'); // prettier-ignore
}
