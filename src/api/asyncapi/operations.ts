import { TOPICS, type Party, type TopicSuffix } from '../../messages/index.js';
import { OUTSIDE, PARTIES } from './about.js';

type Reference = { readonly $ref: string };

/** What the registry does with a topic. Tags name who does the opposite outside of it. */
export type Operation = {
  readonly action: 'send' | 'receive';
  readonly channel: Reference;
  readonly title: string;
  readonly summary: string;
  readonly tags: readonly { readonly name: string }[];
  readonly messages: readonly Reference[];
};

export type Channel = { readonly name: string; readonly topic: TopicSuffix; readonly messages: readonly string[] };

/** By name. A topic between parts of the registry is both sent and received by it. */
export function operationsOf(channel: Channel): readonly (readonly [string, Operation])[] {
  const producers: readonly Party[] = TOPICS[channel.topic].producers;
  const consumers: readonly Party[] = TOPICS[channel.topic].consumers;
  return [
    ...(producers.some(isOurs) ? [operationOf('send', channel, consumers)] : []),
    ...(consumers.some(isOurs) ? [operationOf('receive', channel, producers)] : []),
  ];
}

function operationOf(
  action: Operation['action'],
  { name, topic, messages }: Channel,
  others: readonly Party[],
): readonly [string, Operation] {
  const outside = others.filter((party) => !isOurs(party));
  const who = outside.map((party) => PARTIES[party]).join(' and ');
  const target = `#/channels/${name}`;
  const operation: Operation = {
    action,
    channel: { $ref: target },
    title: `${action} ${topic}`,
    summary: outside.length === 0 ? 'Within the registry' : `${action === 'send' ? 'Read' : 'Written'} by ${who}`,
    tags: outside.length === 0 ? [{ name: 'internal' }] : outside.map((party) => ({ name: party })),
    messages: messages.map((message) => ({ $ref: `${target}/messages/${message}` })),
  };
  return [`${action}${name.charAt(0).toUpperCase()}${name.slice(1)}`, operation];
}

function isOurs(party: Party): boolean {
  return !OUTSIDE.includes(party);
}
