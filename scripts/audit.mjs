/**
 * `npm run audit`: asks the package registry whether holes are known in what is shipped. Exit status 0: none that is high; 1: there are; 75:
 * nobody could be asked, which is told, and is neither.
 */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

const NOT_POSSIBLE = 75;
const ARGS = ['audit', '--omit=dev', '--json', '--fetch-retries=1', '--fetch-timeout=20000'];

/** What an answer of `npm audit --json` comes to. */
export function verdictOf(text) {
  const report = parsed(text);
  const counts = report?.metadata?.vulnerabilities;
  if (report?.auditReportVersion === undefined || counts === undefined) {
    const why = report?.message ?? report?.error?.summary ?? 'npm gave no report';
    return {
      status: NOT_POSSIBLE,
      text: `The audit was NOT POSSIBLE: ${why}. Known holes, if there are any, were not found.`,
    };
  }
  const bad = Object.values(report.vulnerabilities).filter(({ severity }) => ['high', 'critical'].includes(severity));
  const rest = counts.total - bad.length;
  const lesser = rest === 0 ? '' : `; ${rest} less than high`;
  if (bad.length === 0)
    return { status: 0, text: `No hole that is high or critical is known in what is shipped${lesser}.` };
  const list = bad.map(({ name, severity, range }) => `  ${severity}: ${name} ${range}`).join('\n');
  return { status: 1, text: `Holes are known in what is shipped${lesser}:\n${list}\nnpm audit tells more.` };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

if (import.meta.filename === process.argv[1]) {
  const { stdout } = spawnSync('npm', ARGS, {
    cwd: dirname(import.meta.dirname),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const { status, text } = verdictOf(stdout);
  console.log(text);
  process.exitCode = status;
}
