import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { page } from '../docs/pages.js';
import { metricOf, metricsTable, OF_PROCESS } from './metrics-table.js';
import { groupedBy, selectedBy } from './promql.js';
import { alerts, recordings } from './rules.js';

type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
};
type Dashboard = {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
};

const dashboard = JSON.parse(page('ops/grafana/rollcall.json')) as Dashboard;
const charts = dashboard.panels.filter(({ type }) => type !== 'row');
const exported = new Map([...metricsTable(), ...OF_PROCESS, ['up', []] as const]);
/** What a recording rule keeps of labels stands in its name. */
const recorded = new Map(recordings().map(({ record, expr }) => [record, groupedBy(expr)]));

/** Added by Prometheus as it scrapes. */
const OF_SCRAPES = ['job', 'instance', 'le'];

/** What of a query no registry exports. */
function unknownIn(query: string): readonly string[] {
  const known = (name: string) => exported.has(name);
  const selected = selectedBy(query.replace(/\$(__rate_interval|job|instance)/g, 'x')).map((one) => ({
    ...one,
    labelsOf: recorded.get(one.metric) ?? exported.get(metricOf(one.metric, known)),
  }));
  const all = new Set(selected.flatMap(({ labelsOf }) => labelsOf ?? []));
  return [
    ...selected.filter(({ labelsOf }) => labelsOf === undefined).map(({ metric }) => metric),
    ...selected.flatMap(({ metric, labels, labelsOf = [] }) =>
      labels.filter((label) => !OF_SCRAPES.includes(label) && !labelsOf.includes(label)).map((l) => `${metric} ${l}`),
    ),
    ...groupedBy(query).filter((label) => !OF_SCRAPES.includes(label) && !all.has(label)),
  ];
}

it('a metric or a label that does not exist is found', () => {
  expect(unknownIn('sum by (machine, node) (rate(rollcall_steps_total{job="$job", nodeId="x"}[5m]))')).toEqual([
    'rollcall_steps_total nodeId',
    'node',
  ]);
  expect(
    unknownIn('histogram_quantile(0.9, sum by (until, le) (rollcall_registration_duration_seconds_bucket))'),
  ).toEqual([]);
  expect(unknownIn('rollcall_steps > 1 and up == 0')).toEqual(['rollcall_steps']);
  expect(unknownIn('rollcall_steps_total_bucket')).toEqual(['rollcall_steps_total_bucket']);
});

describe('ops/grafana/rollcall.json', () => {
  it.each(charts.map((panel) => [panel.title, panel] as const))('%s: reads what there is', (_title, panel) => {
    for (const { expr, legendFormat } of panel.targets ?? []) {
      expect(unknownIn(expr)).toEqual([]);
      expect(expr).toContain('job="$job"');
      const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      const kept = groupedBy(expr);
      // A query that groups keeps these labels only.
      if (kept.length > 0) expect(kept).toEqual(expect.arrayContaining(labels));
      else expect(OF_SCRAPES).toEqual(expect.arrayContaining(labels));
    }
  });

  it('says of every panel what it shows, and in which unit', () => {
    for (const { title, description, fieldConfig, targets, datasource } of charts) {
      expect({ title, described: (description ?? '').length > 20 }).toEqual({ title, described: true });
      expect({ title, unit: fieldConfig?.defaults.unit }).toEqual({ title, unit: expect.any(String) });
      expect(targets?.length).toBeGreaterThan(0);
      expect(new Set(targets?.map(({ refId }) => refId)).size).toBe(targets?.length);
      expect(datasource?.uid).toBe('${datasource}');
    }
  });

  it('gives every panel an id and a place of its own', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([title, taken.get(`${x} ${y}`)]).toEqual([title, undefined]);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
  });

  it('has a row for each subject, and is told its data source', () => {
    expect(dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'Fleet',
      'Handshake',
      'Backends',
      'Kafka',
      'Journal',
      'Heartbeats',
      'Who asks and follows',
      'Processes',
    ]);
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
    ]);
    for (const { expr } of dashboard.annotations.list) expect(unknownIn(expr)).toEqual([]);
  });

  it('shows every metric of ours', () => {
    const shown = charts.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => selectedBy(expr)));
    const names = new Set(shown.map(({ metric }) => metricOf(metric, (name) => exported.has(name))));
    expect([...metricsTable().keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('ops/prometheus', () => {
  it.each(recordings().map(({ record, expr }) => [record, expr] as const))('%s reads what there is', (record, expr) => {
    expect(unknownIn(expr)).toEqual([]);
    // level:metric:operations
    expect(record.split(':')).toHaveLength(3);
  });

  it.each(alerts().map((alert) => [alert.alert, alert] as const))(
    '%s reads what there is, and says what',
    (name, alert) => {
      expect(unknownIn(alert.expr)).toEqual([]);
      expect(alert.labels.severity).toMatch(/^(critical|warning)$/);
      const { summary, description, runbook_url: runbook } = alert.annotations;
      expect([summary, description].every((text) => text.length > 10)).toBe(true);
      expect(runbook).toBe(`docs/alerts.md#${name.toLowerCase()}`);
      const named = [...`${summary} ${description}`.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
      const kept = groupedBy(alert.expr);
      const throughRecord = selectedBy(alert.expr).flatMap(({ metric }) => recorded.get(metric) ?? []);
      expect([...kept, ...throughRecord, 'instance']).toEqual(expect.arrayContaining(named));
    },
  );

  it('docs/alerts.md tells of each alert, in its order, with its severity and patience', () => {
    const told = [
      ...page('docs/alerts.md').matchAll(/^## (Rollcall\w+)\n\n_(\w+)(?:, (\d+) (minutes?|hours?))?\._/gm),
    ].map(([, name, severity, count, unit]) => [name, severity, count === undefined ? '0' : `${count}${unit?.[0]}`]);
    const defined = alerts().map(({ alert, labels, for: patience = '0' }) => [alert, labels.severity, patience]);
    expect(told).toEqual(defined);
  });

  it('each alert is seen to fire by a test of promtool', () => {
    const { tests } = parse(page('ops/prometheus/tests/alerts.test.yml')) as {
      tests: readonly { readonly promql_expr_test: readonly { readonly expr: string }[] }[];
    };
    const fired = tests.flatMap(({ promql_expr_test: asked }) =>
      asked.flatMap(({ expr }) => /ALERTS\{alertname="(\w+)"/.exec(expr)?.[1] ?? []),
    );
    expect(fired.sort()).toEqual(
      alerts()
        .map(({ alert }) => alert)
        .sort(),
    );
  });
});
