import type { TopicSuffix } from '../../messages/index.js';
import type { Category } from './contract.js';

/** What kind of message a topic carries, by the first part of its name. */
export function categoryOf(topic: TopicSuffix): Category {
  if (topic.startsWith('cmd.')) return 'command';
  return topic.startsWith('intent.') ? 'intent' : 'event';
}
