import type { Command } from 'commander';
import type { Caller } from '../../api-answers/answers.js';
import { examples, type Begin, type Run } from '../command.js';
import { EXIT } from '../exit.js';
import { fields } from '../output/table.js';

/** `rollcall whoami`: whose the token is. */
export function whoAmICommand(parent: Command, begin: Begin): void {
  const whoAmI = parent.command('whoami').description('whose the token is, and what it may do');
  examples(whoAmI.action(begin(tell)), [['rollcall whoami --json | jq -r .role', 'what the token may do']]);
}

const SOURCES: Readonly<Record<string, string>> = {
  token: 'a token of the registry',
  oidc: 'a token of the OpenID provider',
  none: 'nothing: nobody has to say who he is here',
};

const tell: Run<object> = async ({ registry, screen }) => {
  const caller = await registry.get<Caller>('/v1/whoami');
  const { name, role, source, nodes, expiresAt } = caller;
  await screen.document(
    caller,
    fields([
      ['name', name],
      ['role', role],
      ['known by', SOURCES[source] ?? source],
      ...(role === 'node' ? [['speaks for', nodes ?? 'all nodes'] as const] : []),
      ...(expiresAt === null ? [] : [['until', expiresAt] as const]),
    ]),
  );
  return EXIT.ok;
};
