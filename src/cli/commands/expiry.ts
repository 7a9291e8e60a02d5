import type { Command } from 'commander';
import type { Expiry } from '../../api-answers/answers.js';
import { duration, examples, type Begin, type Run } from '../command.js';
import { EXIT } from '../exit.js';
import { fields } from '../output/table.js';
import type { Session } from '../session.js';

/** `rollcall expiry …`: whether silent nodes expire, when many fall silent at once. */
export function expiryCommand(parent: Command, begin: Begin): void {
  const expiry = parent
    .command('expiry')
    .description('whether silent nodes expire, and the guard against many at once');
  const status = expiry.command('status').description('how it stands');
  examples(status.action(begin(showStatus)), [['rollcall expiry status', 'exit status 1 while expiry is held']]);
  const release = expiry
    .command('release')
    .description('let everything that is silent expire: they are really gone')
    .option('--for <duration>', 'for how long, such as 90s or 10m (default: 5m)', duration);
  examples(release.action(begin(letGo)), [['rollcall expiry release --for 10m', 'the guard is off for ten minutes']]);
  const protect = expiry.command('protect').description('end a release: the guard is on again');
  examples(protect.action(begin(resume)), [['rollcall expiry protect', 'before the release is over']]);
}

const showStatus: Run<object> = async (session) => {
  const expiry = await session.registry.get<Expiry>('/v1/expiry');
  await show(session, expiry);
  return expiry.status === 'held' ? EXIT.refused : EXIT.ok;
};

const letGo: Run<{ readonly for?: number }> = async (session, { for: forMs }) => {
  const { body } = await session.registry.ask<Expiry>({
    method: 'POST',
    path: '/v1/expiry/release',
    body: forMs === undefined ? {} : { forMs },
  });
  await show(session, body);
  return EXIT.ok;
};

const resume: Run<object> = async (session) => {
  const { body } = await session.registry.ask<Expiry>({ method: 'POST', path: '/v1/expiry/resume-protection' });
  await show(session, body);
  return EXIT.ok;
};

async function show({ screen }: Session, expiry: Expiry): Promise<void> {
  const { status, heldSince, releasedUntil, expiring, live, reason } = expiry;
  const lines = fields([
    ['expiry', status],
    ...(heldSince === null ? [] : [['held since', heldSince] as const]),
    ...(releasedUntil === null ? [] : [['released until', releasedUntil] as const]),
    ['about to expire', `${expiring} of ${live} that owed heartbeats`],
    ...(reason === null ? [] : [['why', reason] as const]),
  ]);
  const mend =
    status === 'held'
      ? ['', 'If they are really gone: rollcall expiry release. If they come back, it goes on by itself.']
      : [];
  await screen.document(expiry, [...lines, ...mend]);
}
