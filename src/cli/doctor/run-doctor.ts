import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import type { Screen } from '../output/screen.js';
import { harmless } from '../output/text-width.js';
import type { Session } from '../session.js';
import { examineRegistry } from './examine-registry.js';
import { examineServers } from './examine-servers.js';
import type { Finding } from './finding.js';
import { judgeClocks } from './judge-clocks.js';
import { judgeBinding, judgeConfiguration, judgeProduction } from './judge-configuration.js';
import { judgeDataFolder, judgeSecretFiles } from './judge-files.js';
import { judgeNodeVersion } from './judge-node.js';

export type DoctorOptions = { readonly strict?: boolean; readonly timeout: number };

/** A server that needs longer than this to say how it is, is not well. */
const LONGEST_MS = 15_000;

export const runDoctor: Run<DoctorOptions> = async (session, { strict = false, timeout }) => {
  const findings = await examine(session, Math.min(timeout * 1000, LONGEST_MS));
  const count = (status: Finding['status']): number => findings.filter((one) => one.status === status).length;
  const counts = { fail: count('fail'), warn: count('warn'), ok: count('ok'), skipped: count('skipped') };
  const status = counts.fail > 0 ? 'fail' : counts.warn > 0 ? 'warn' : 'ok';
  await session.screen.document({ status, counts, findings }, [
    ...findings.flatMap((finding) => linesOf(finding, session.screen)),
    '',
    `${counts.fail} fail, ${counts.warn} warn, ${counts.ok} ok, ${counts.skipped} not looked at`,
  ]);
  return status === 'fail' || (strict && status === 'warn') ? EXIT.refused : EXIT.ok;
};

async function examine({ registry, terminal: { env } }: Session, timeoutMs: number): Promise<readonly Finding[]> {
  const { config, findings } = judgeConfiguration(env);
  const here = [...judgeNodeVersion(process.versions.node), ...findings, ...judgeSecretFiles(env)];
  if (config === null) return [...here, ...(await examineRegistry(registry, null))];
  const [files, servers, running] = await Promise.all([
    judgeDataFolder(config),
    examineServers(config, timeoutMs),
    examineRegistry(registry, config),
  ]);
  return [
    ...here,
    ...judgeBinding(config, env),
    ...judgeProduction(config),
    ...files,
    ...servers.findings,
    ...judgeClocks(servers.clocks),
    ...running,
  ];
}

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red', skipped: 'dim' } as const;
const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skipped: '-   ' } as const;
const CHECK_WIDTH = 28;

function linesOf(finding: Finding, screen: Screen): readonly string[] {
  const { check, status, what } = finding;
  const mark = screen.paint(MARKS[status], COLOURS[status]);
  const first = `${mark}  ${check.padEnd(CHECK_WIDTH)}  ${harmless(what)}`;
  if (finding.status !== 'warn' && finding.status !== 'fail') return [first];
  return [first, `        why:  ${harmless(finding.why)}`, `        mend: ${harmless(finding.mend)}`];
}
