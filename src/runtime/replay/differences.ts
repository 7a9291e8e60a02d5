/** One thing that today's code does differently than was recorded. */
export type Difference = {
  readonly machine: string;
  /** Contract version of the code that took the step. */
  readonly recordedBy: string;
  /** The rule that it took. */
  readonly rule: string;
  /** Field of the journal entry; `step` when nothing is decided at all any more. */
  readonly field: string;
  /** In words, with the event. */
  readonly text: string;
};

/** A change of what is decided, made on purpose: from one contract version to the next, steps of a rule differ in a field. */
export type DeclaredDifference = {
  readonly machine: 'orchestrator' | 'reducer';
  /** Last contract version that decided as before. */
  readonly from: string;
  /** First contract version that decides differently. */
  readonly to: string;
  /** The rule that was recorded. */
  readonly rule: string;
  readonly field: string;
  readonly why: string;
};

/** Declared differences, and which of them have been met. */
export class DeclaredDifferences {
  private readonly met = new Set<DeclaredDifference>();

  /** Throws an Error on a declaration that leads backwards, or says no version or reason. */
  constructor(private readonly declared: readonly DeclaredDifference[]) {
    for (const each of declared) {
      if (compareVersions(each.from, each.to) >= 0) throw new Error(`${nameOf(each)} does not lead to a later version`);
      if (each.why.trim() === '') throw new Error(`${nameOf(each)} does not say why`);
    }
  }

  /** Whether a difference between a step and the code of contract version `today` was declared. */
  covers({ machine, recordedBy, rule, field }: Difference, today: string): boolean {
    const covering = this.declared.filter(
      (each) =>
        each.machine === machine &&
        each.rule === rule &&
        each.field === field &&
        compareVersions(recordedBy, each.from) <= 0 &&
        compareVersions(each.to, today) <= 0,
    );
    for (const each of covering) this.met.add(each);
    return covering.length > 0;
  }

  /** Declarations that nothing has needed so far, in words: either they are wrong, or no recording shows what they are for. */
  get unmet(): readonly string[] {
    return this.declared.filter((each) => !this.met.has(each)).map((each) => `${nameOf(each)} does not occur`);
  }
}

function nameOf({ machine, from, to, rule, field }: DeclaredDifference): string {
  return `the difference declared for ${machine} from ${from} to ${to}, ${field} of ${rule},`;
}

/** Of two versions of three numbers: negative when the first is older. Throws on anything else. */
function compareVersions(one: string, other: string): number {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

function numbersOf(version: string): readonly number[] {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`"${version}" is no contract version such as 1.4.0`);
  return version.split('.').map(Number);
}
