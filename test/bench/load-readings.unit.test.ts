import { describe, expect, it } from '@jest/globals';
import { afterDeadline, afterLastHeartbeat, Expiries } from '../../src/bench/load/expiries.js';
import { parseMetrics, stallMs, sumOf } from '../../src/bench/load/scrape.js';

describe('metrics of a registry', () => {
  const metrics = parseMetrics(`# HELP nodejs_eventloop_lag_p99_seconds The 99th percentile
# TYPE nodejs_eventloop_lag_p99_seconds gauge
nodejs_eventloop_lag_p99_seconds 0.0305
nodejs_eventloop_lag_max_seconds 0.009
rollcall_drift_entries{backend="consul",kind="missing"} 2
rollcall_drift_entries{backend="postgres",kind="foreign one"} 3
rollcall_drift_entries_of_another 100
`);

  it('are read by name and labels', () => {
    expect(metrics.get('rollcall_drift_entries{backend="postgres",kind="foreign one"}')).toBe(3);
    expect(sumOf(metrics, 'rollcall_drift_entries')).toBe(5);
    expect(sumOf(metrics, 'rollcall_absent')).toBe(0);
  });

  it('tell of stalls without the time between two samples', () => {
    expect(stallMs(metrics)).toEqual({ p99: 20.5, max: 0 });
    expect(stallMs(new Map()).p99).toBeNaN();
  });
});

describe('expiries', () => {
  const told = (lastHeartbeatAt: string | null): Buffer =>
    Buffer.from(
      JSON.stringify({ payload: { deadline_at: '2026-01-01T00:00:30.000Z', last_heartbeat_at: lastHeartbeatAt } }),
    );
  const at = Date.parse('2026-01-01T00:00:31.250Z');

  it('count from deadline and last heartbeat; copies change nothing', () => {
    const expiries = new Expiries();
    expiries.silence(['a', 'b']);
    expiries.note('a', told('2026-01-01T00:00:00.000Z'), at);
    expiries.note('a', told('2026-01-01T00:00:00.000Z'), at + 9999);
    expect(expiries.of(['a', 'b']).map(afterDeadline)).toEqual([1250]);
    expect(expiries.of(['a']).map(afterLastHeartbeat)).toEqual([31_250]);
    expect(expiries.wrongful).toEqual([]);
  });

  it('are wrongful where nobody fell silent', () => {
    const expiries = new Expiries();
    expiries.silence(['a']);
    expiries.note('b', told(null), at);
    expect(expiries.wrongful).toEqual(['b']);
    expect(expiries.of(['b']).map(afterLastHeartbeat)).toEqual([NaN]);
  });
});
