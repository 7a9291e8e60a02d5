import {
  COMPONENTS,
  isTopicSuffix,
  messagesOn,
  TOPIC_SUFFIXES,
  TOPICS,
  type Component,
  type Party,
} from '../../messages/index.js';
import type { Contract } from './contract.js';

type Side = 'producers' | 'consumers';

/** Whether contracts and the table of topics agree: nothing is consumed that nobody sends, or sent that nobody takes. */
export function checkTopics(contracts: readonly Contract[]): readonly string[] {
  const missing = COMPONENTS.filter((component) => !contracts.some((contract) => contract.name === component));
  return [
    ...missing.map((component) => `${component}: has no contract`),
    ...contracts.flatMap((contract) => [
      ...checkDeclared(contract, contract.consumes, 'consumers'),
      ...checkDeclared(contract, contract.publishes, 'producers'),
    ]),
    ...TOPIC_SUFFIXES.flatMap((topic) => [
      ...checkParties(contracts, topic, 'producers'),
      ...checkParties(contracts, topic, 'consumers'),
    ]),
  ];
}

function checkDeclared(
  { name }: Contract,
  declared: readonly { readonly topic: string; readonly messages: readonly string[] }[],
  side: Side,
): string[] {
  return declared.flatMap(({ topic, messages }) => {
    if (!isTopicSuffix(topic)) return [`${name}: the topic ${topic} is unknown`];
    const parties: readonly Party[] = TOPICS[topic][side];
    const missing = side === 'consumers' ? messagesOn(topic).filter((message) => !messages.includes(message)) : [];
    return [
      ...missing.map((message) => `${name}: consumes ${topic}, but does not name ${message}, which comes there, too`),
      ...(parties.includes(name) ? [] : [`${name}: is not among the ${side} of ${topic} in src/messages/topics.ts`]),
      ...messages
        .filter((message) => !(messagesOn(topic) as readonly string[]).includes(message))
        .map((message) => `${name}: ${message} does not belong on ${topic}`),
    ];
  });
}

function checkParties(contracts: readonly Contract[], topic: (typeof TOPIC_SUFFIXES)[number], side: Side): string[] {
  const parties: readonly Party[] = TOPICS[topic][side];
  if (parties.length === 0) return [`the topic ${topic} has no ${side}`];
  return parties
    .filter((party): party is Component => (COMPONENTS as readonly Party[]).includes(party))
    .filter((component) => {
      const contract = contracts.find(({ name }) => name === component);
      const declared = side === 'consumers' ? contract?.consumes : contract?.publishes;
      return contract !== undefined && declared?.some((entry) => entry.topic === topic) !== true;
    })
    .map((component) => `${component}: is among the ${side} of ${topic}, but its contract does not declare it`);
}
