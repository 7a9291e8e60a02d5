/** Prints rollcall.json: the dashboard of panels.mjs, laid out. `npm run generate` writes it. */
import { ROWS } from './panels.mjs';

const COLUMNS = 24;
const WIDTH = 8;
const HEIGHT = 8;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

const OPTIONS = {
  timeseries: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  stat: {
    reduceOptions: { calcs: ['lastNotNull'] },
    colorMode: 'value',
    graphMode: 'area',
    textMode: 'value_and_name',
  },
  'state-timeline': { mergeValues: true, showValue: 'auto', legend: { displayMode: 'list', placement: 'bottom' } },
};

let nextId = 1;
let top = 0;

function panelOf({ type = 'timeseries', title, description, unit, queries, mappings, stacked = false }, gridPos) {
  const custom = { lineWidth: 1, fillOpacity: stacked ? 30 : 8, stacking: { mode: stacked ? 'normal' : 'none' } };
  return {
    id: nextId++,
    type,
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: {
      defaults: {
        unit,
        min: type === 'timeseries' ? 0 : undefined,
        mappings,
        custom: type === 'timeseries' ? custom : undefined,
      },
      overrides: [],
    },
    options: OPTIONS[type],
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
      editorMode: 'code',
      range: true,
    })),
  };
}

function rowOf({ title, panels }) {
  const header = {
    id: nextId++,
    type: 'row',
    title,
    collapsed: false,
    gridPos: { x: 0, y: top, w: COLUMNS, h: 1 },
    panels: [],
  };
  const perLine = COLUMNS / WIDTH;
  const laidOut = panels.map((panel, index) =>
    panelOf(panel, {
      x: (index % perLine) * WIDTH,
      y: top + 1 + Math.floor(index / perLine) * HEIGHT,
      w: WIDTH,
      h: HEIGHT,
    }),
  );
  top += 1 + Math.ceil(panels.length / perLine) * HEIGHT;
  return [header, ...laidOut];
}

function variableOf(name, label, query, multi) {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    sort: 1,
    multi,
    includeAll: multi,
    ...(multi ? { allValue: '.*', current: { text: ['All'], value: ['$__all'] } } : {}),
  };
}

const dashboard = {
  uid: 'rollcall',
  title: 'Rollcall',
  description: 'A registry for fleets of nodes: the fleet, its handshakes, its backends, and the processes that do it.',
  tags: ['rollcall'],
  schemaVersion: 39,
  version: 1,
  editable: true,
  graphTooltip: 1,
  refresh: '30s',
  time: { from: 'now-1h', to: 'now' },
  timezone: 'browser',
  templating: {
    list: [
      { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', refresh: 1 },
      variableOf('job', 'Job', 'label_values(rollcall_build_info, job)', false),
      variableOf('instance', 'Process', 'label_values(rollcall_build_info{job="$job"}, instance)', true),
    ],
  },
  annotations: {
    list: [
      {
        name: 'Starts',
        datasource: DATASOURCE,
        enable: true,
        iconColor: 'blue',
        expr: 'changes(process_start_time_seconds{job="$job"}[1m]) > 0',
        titleFormat: '{{instance}} started',
      },
    ],
  },
  panels: ROWS.flatMap(rowOf),
};

process.stdout.write(`${JSON.stringify(dashboard, null, 2)}\n`);
