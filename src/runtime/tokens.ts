/** Injection tokens of what the runtime shares with the components and the api. */
export const LOG = Symbol('Log');
/** {@link RuntimeOptions}. */
export const RUNTIME_OPTIONS = Symbol('RuntimeOptions');
/** {@link Database} with machine_states and journal. */
export const STATE_DATABASE = Symbol('StateDatabase');
/** prom-client `Registry`. */
export const METRICS = Symbol('Metrics');
/** {@link Tracing}, or null: nothing is traced. */
export const TRACING = Symbol('Tracing');
/** {@link Bus}. */
export const BUS = Symbol('Bus');
/** {@link EventSource}. */
export const EVENT_SOURCE = Symbol('EventSource');
/** {@link DriftBell}. */
export const DRIFT_BELL = Symbol('DriftBell');
