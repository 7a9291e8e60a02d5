import { fail, judged, type Finding } from './finding.js';

/** As in package.json. */
export const NODE_REQUIRED = '20.19.0';

export function judgeNodeVersion(version: string): readonly Finding[] {
  return judged('node.version', `Node ${version}`, [
    isOlder(version, NODE_REQUIRED) &&
      fail('node.version', {
        what: `this is Node ${version}, and Rollcall needs ${NODE_REQUIRED} or newer`,
        why: 'What it is built on uses what older releases do not have: it stops amid its start, or later.',
        mend: 'Install a newer Node, and see that the service starts that one.',
      }),
  ]);
}

function isOlder(version: string, required: string): boolean {
  const [has, needs] = [version, required].map((text) => text.split('.').map(Number));
  for (const [index, need] of (needs ?? []).entries()) {
    const own = has?.[index] ?? 0;
    if (own !== need) return own < need;
  }
  return false;
}
