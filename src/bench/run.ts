import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../messages/index.js';
import type { BenchOptions } from './options.js';
import { describeMachine } from './machine.js';
import { readResults, withResult, writeResults, type Stored } from './report/results.js';
import { writeReport } from './report/write-report.js';
import type { Drawing, Result, Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios/index.js';
import { World } from './world/world.js';

export type Run = {
  readonly options: BenchOptions;
  readonly scenarios: readonly Scenario[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Told of every result as soon as it is there. */
  readonly onResult: (result: Result) => void;
};

export type Outcome = {
  readonly results: readonly Result[];
  /** Names of scenarios that could not be measured. */ readonly failed: readonly string[];
};

/**
 * Runs the scenarios one after the other. What one has given is written before the next begins; one that fails is told of, and the others go
 * on. Rejects when the run is interrupted, or nothing can be measured at all.
 */
export async function run({ options, scenarios, say, signal, onResult }: Run): Promise<Outcome> {
  const machine = await describeMachine(options.servers);
  const world = new World(options, say, signal);
  const results: Result[] = [];
  const failed: string[] = [];
  try {
    for (const scenario of scenarios) {
      signal.throwIfAborted();
      say(`${scenario.name}: ${scenario.title}`);
      try {
        const { drawings = [], ...result } = await scenario.run(world, results);
        results.push(result);
        const measuredAt = new Date().toISOString();
        keep(options, { ...result, measuredAt, quick: options.quick, machine }, drawings);
        onResult(result);
      } catch (error) {
        signal.throwIfAborted();
        failed.push(scenario.name);
        say(`${scenario.name} could not be measured: ${errorText(error, 2000)}`);
      }
      await world.clear();
    }
    return { results, failed };
  } finally {
    await world.clear();
    if (failed.length === 0) world.removeLogs();
    else say(`the logs of the registries are in ${world.folder}`);
  }
}

function keep({ output }: BenchOptions, stored: Stored, drawings: readonly Drawing[]): void {
  const all = withResult(readResults(output), stored, SCENARIOS.map(({ name }) => name)); // prettier-ignore
  writeResults(output, all);
  for (const { file, text } of drawings) writeFileSync(join(output, file), text);
  writeReport(output, all);
}
