import type { Tracing } from '../tracing/tracing.js';
import { deadLetterOf } from './dead-letters.js';
import type { Taken } from './decide-batch.js';
import { readRecord, type Received, type Witness } from './intake.js';
import type { LogRecord, OutgoingRecord } from './lane.js';
import type { Machine } from './machine.js';
import { traced } from './step-traces.js';

/** A record as it was read, or one that was handed over. */
export type Arrival = { readonly machine: Machine } & (
  { readonly record: LogRecord } | { readonly received: Received }
);

/** A message that a machine is to take, with its record. */
export type Arrived = Received & Taken;

type ReadIn = {
  readonly steps: readonly Arrived[];
  readonly deadLetters: readonly { readonly machine: Machine; readonly letter: OutgoingRecord }[];
};

/** In their order; what was handed over need not be read. */
export function readArrivals(arrivals: readonly Arrival[], tracing: Tracing | undefined, witness?: Witness): ReadIn {
  const steps: Arrived[] = [];
  const deadLetters: { machine: Machine; letter: OutgoingRecord }[] = [];
  for (const arrival of arrivals) {
    const { machine } = arrival;
    if ('received' in arrival) {
      const { record, message, text, traceparent, tracestate } = arrival.received;
      steps.push({ record, message, text, traceparent, tracestate, machine });
      continue;
    }
    const { record } = arrival;
    const read = readRecord(record, (message) => machine.refusal(message, record.topic), witness);
    if (read.ok) {
      const { message, text, traceparent, tracestate, authorship } = read;
      steps.push({ record, message, text, traceparent, tracestate, authorship, machine });
    } else deadLetters.push({ machine, letter: deadLetterOf(record, read.cause, read.reason, machine.registryId) });
  }
  return {
    steps: tracing === undefined ? steps : steps.map((step) => traced(tracing, step, step.record)),
    deadLetters,
  };
}
