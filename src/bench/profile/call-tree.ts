import { selfTimes, type CpuProfile } from './cpu-profile.js';
import { groupOf, type Group } from './groups.js';
import { placeText, type Place, type PlaceOf } from './place.js';

/** A function as it was called along one path, with all its calls from there. Times in milliseconds. */
export type Call = {
  readonly name: string;
  /** `runtime/lanes/lane.ts:12`, `native, for pg`. */
  readonly place: string;
  readonly group: Group;
  readonly selfMs: number;
  /** With what it called. */
  readonly totalMs: number;
  /** The longest first. */
  readonly calls: readonly Call[];
};

export type CallTree = {
  /** Whatever was done in JavaScript or for it. */
  readonly root: Call;
  /** Nothing to do. */
  readonly idleMs: number;
  /** At work outside of JavaScript: the event loop itself, reads from sockets before anybody is told. */
  readonly programMs: number;
};

type Open = { name: string; place: string; group: Group; selfMs: number; readonly calls: Map<string, Open> };

/** Calls of the same function from the same path are one. Throws when it is not a profile. */
export function callTreeOf(profile: CpuProfile, placeOf: PlaceOf): CallTree {
  const times = selfTimes(profile);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const [first] = profile.nodes;
  if (first === undefined) throw new Error('not a CPU profile: it has no nodes');
  const beside = { '(idle)': 0, '(program)': 0 };
  const root: Open = { name: 'all', place: '', group: 'rest', selfMs: 0, calls: new Map() };
  const waiting: { readonly ids: readonly number[]; readonly into: Open }[] = [
    { ids: first.children ?? [], into: root },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const id of next.ids) {
      const node = nodes.get(id);
      if (node === undefined) throw new Error(`not a CPU profile: it has no node ${id}`);
      const selfMs = (times.get(id) ?? 0) / 1000;
      const { functionName } = node.callFrame;
      if (functionName === '(idle)' || functionName === '(program)') {
        beside[functionName] += selfMs;
        continue;
      }
      const place = placeOf(node.callFrame);
      const group = groupOf(functionName, place, next.into.group);
      const call = called(
        next.into,
        functionName === '' ? '(anonymous)' : functionName,
        whereText(place, next.into.group),
        group,
      );
      call.selfMs += selfMs;
      waiting.push({ ids: node.children ?? [], into: call });
    }
  }
  return { root: closed(root), idleMs: beside['(idle)'], programMs: beside['(program)'] };
}

/** What has no file is told by whose it is: so one sees to whom bytes are written. */
function whereText(place: Place, caller: Group): string {
  return place.kind === 'native' && caller !== 'rest' ? `native, for ${caller}` : placeText(place);
}

function called(by: Open, name: string, place: string, group: Group): Open {
  const key = `${name} ${place}`;
  const known = by.calls.get(key);
  if (known !== undefined) return known;
  const call: Open = { name, place, group, selfMs: 0, calls: new Map() };
  by.calls.set(key, call);
  return call;
}

function closed({ name, place, group, selfMs, calls }: Open): Call {
  const all = [...calls.values()].map(closed).sort((a, b) => b.totalMs - a.totalMs);
  return { name, place, group, selfMs, totalMs: all.reduce((sum, { totalMs }) => sum + totalMs, selfMs), calls: all };
}
