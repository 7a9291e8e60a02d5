import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

export function ops(path: string): string {
  return readFileSync(join(ROOT, 'ops', path), 'utf8');
}

export type AclLine = {
  readonly role: string;
  readonly operations: readonly string[];
  readonly kind: 'topic' | 'group';
  readonly pattern: 'literal' | 'prefixed';
  readonly name: string;
};

/** The lines of ops/kafka/acls.txt, as acls.sh reads them. */
export function aclLines(names: Readonly<Record<string, string>> = {}): readonly AclLine[] {
  return contentOf(ops('kafka/acls.txt')).map((line) => {
    const [role = '', operations = '', kind, pattern, name = '', ...rest] = line.split(/ +/);
    if (
      (kind !== 'topic' && kind !== 'group') ||
      (pattern !== 'literal' && pattern !== 'prefixed') ||
      rest.length > 0
    ) {
      throw new Error(`not a line of acls.txt: ${line}`);
    }
    const filled = name.replace(/\{(\w+)\}/g, (word: string, variable: string) => names[variable] ?? word);
    return { role, operations: operations.split(','), kind, pattern, name: filled };
  });
}

export type TopicSettings = Readonly<Record<string, string>>;

/** The topics of ops/kafka/topics.txt, each with its settings: those in the head, and its own in place of them. */
export function topicList(): ReadonlyMap<string, TopicSettings> {
  const text = ops('kafka/topics.txt');
  const common = settingsOf([...text.matchAll(/^# +([a-z.]+=\S+)$/gm)].map(([, setting = '']) => setting));
  return new Map(
    contentOf(text).map((line) => {
      const [topic = '', ...own] = line.split(' ');
      return [topic, { ...common, ...settingsOf(own) }];
    }),
  );
}

function settingsOf(settings: readonly string[]): TopicSettings {
  return Object.fromEntries(settings.map((setting) => setting.split('=') as [string, string]));
}

function contentOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
