import type { DeadLetterDetail, RedriveReport } from '../../api-answers/answers.js';
import type { Run } from '../command.js';
import { EXIT, wrongUsage, type ExitCode } from '../exit.js';
import { RegistryRefusal } from '../registry/failures.js';
import type { Session } from '../session.js';
import { filterOf, type FilterOptions } from './dead-letters-filter.js';

type Options = FilterOptions & {
  readonly all?: boolean;
  readonly again?: boolean;
  readonly force?: boolean;
  readonly limit?: number;
  readonly dryRun?: boolean;
};

export const redriveLetters: Run<Options> = async (session, options, ids) => {
  const filter = filterOf(options);
  const filters = Object.keys(filter).length > 0;
  if (ids.length > 0 && (filters || options.all)) throw wrongUsage('ids and a filter are two ways: say one');
  if (ids.length === 0 && !filters && !options.all) {
    throw wrongUsage('say which: ids, a filter such as --cause malformed, or --all');
  }
  if (options.force && ids.length === 0) throw wrongUsage('--force goes with ids: quarantine is ended one by one');
  return ids.length > 0 ? redriveByIds(session, ids, options) : redriveByFilter(session, filter, options);
};

/** One after the other; what one of them is refused for keeps none of the others back. */
async function redriveByIds(session: Session, ids: readonly string[], options: Options): Promise<ExitCode> {
  const { screen } = session;
  let code: ExitCode = EXIT.ok;
  for (const id of ids) {
    const why = options.dryRun ? await whyNot(session, id, options) : await send(session, id, options);
    if (why !== null) code = EXIT.refused;
    await screen.item({ id, dryRun: options.dryRun ?? false, sent: why === null, why });
    await screen.lines([`${id}  ${why === null ? (options.dryRun ? 'would be sent' : 'sent') : `not sent: ${why}`}`]);
  }
  return code;
}

async function send({ registry }: Session, id: string, { force = false }: Options): Promise<string | null> {
  try {
    const path = `/v1/dead-letters/${encodeURIComponent(id)}/redrive`;
    await registry.ask({ method: 'POST', path, body: { force } });
    return null;
  } catch (error) {
    if (error instanceof RegistryRefusal && error.code === EXIT.refused) return reasonOf(error);
    throw error;
  }
}

/** The API has no dry run for a single letter; this is what it would say, by what is known of the letter. */
async function whyNot({ registry }: Session, id: string, { force = false }: Options): Promise<string | null> {
  try {
    const letter = await registry.get<DeadLetterDetail>(`/v1/dead-letters/${encodeURIComponent(id)}`);
    if (letter.valueTruncated) return 'it was not kept whole';
    if (letter.originalValue === null) return 'it had no value';
    return letter.lineQuarantined && !force ? 'it is in quarantine' : null;
  } catch (error) {
    if (error instanceof RegistryRefusal && error.status === 404) return reasonOf(error);
    throw error;
  }
}

function reasonOf({ problem: { detail, title } }: RegistryRefusal): string {
  return detail ?? title ?? 'the registry gives no reason';
}

async function redriveByFilter(
  { registry, screen }: Session,
  filter: Readonly<Record<string, string>>,
  { again = false, dryRun = false, limit }: Options,
): Promise<ExitCode> {
  const { body: report } = await registry.ask<RedriveReport>({
    method: 'POST',
    path: '/v1/dead-letters/redrive',
    body: { filter: { ...filter, redriven: again ? 'any' : 'never' }, dryRun, limit },
  });
  const { matched, moreMatch, sent, notSent } = report;
  await screen.document(report, [
    `${matched} ${matched === 1 ? 'letter matches' : 'letters match'}${moreMatch ? ', and there are more' : ''}; ` +
      `${sent.count} ${dryRun ? 'would be sent' : 'sent'}`,
    ...sent.ids.map((id) => `  ${id}`),
    ...notSent.flatMap(({ why, count, ids }) => [
      `not sent, ${why}: ${count}`,
      ...ids.map((id) => `  ${id}`),
      ...(count > ids.length ? [`  and ${count - ids.length} more`] : []),
    ]),
  ]);
  const failed = notSent.some(({ why }) => why === 'unconfirmed' || why === 'not_tried');
  return failed ? EXIT.refused : EXIT.ok;
}
