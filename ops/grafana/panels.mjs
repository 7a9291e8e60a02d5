/**
 * The dashboard's rows and panels. A panel: title, description, unit, and its queries as [PromQL, legend]. `SELF` selects the processes
 * that are looked at; what every replica tells alike (the fleet, the lag) is taken once, by max.
 */
const SELF = 'job="$job", instance=~"$instance"';
const JOB = 'job="$job"';

const rate = (metric, labels = '') => `rate(${metric}{${SELF}${labels}}[$__rate_interval])`;
const quantile = (q, metric, by) =>
  `histogram_quantile(${q}, sum by (${[...by, 'le'].join(', ')}) (${rate(`${metric}_bucket`)}))`;
const quantiles = (metric, by, legend) => [
  [quantile(0.5, metric, by), `${legend} p50`],
  [quantile(0.99, metric, by), `${legend} p99`],
];

const STATES = (...values) =>
  values.map(([value, text, color]) => ({ type: 'value', options: { [value]: { text, color } } }));

export const ROWS = [
  {
    title: 'Fleet',
    panels: [
      {
        type: 'stat',
        title: 'Active nodes',
        description: 'Nodes that were accepted, said that they are ready, and are alive.',
        unit: 'short',
        queries: [[`sum(max by (node_type) (rollcall_nodes{${JOB}, state="active"}))`, 'active']],
      },
      {
        type: 'stat',
        title: 'Processes that are ready',
        description:
          'How many processes of the registry can do their work, as /health/ready says, and how many there are.',
        unit: 'short',
        queries: [
          [`sum(rollcall_ready{${JOB}})`, 'ready'],
          [`count(rollcall_ready{${JOB}})`, 'all'],
        ],
      },
      {
        type: 'stat',
        title: 'Version',
        description: 'Processes by the version that they run; more than one during an upgrade only.',
        unit: 'short',
        queries: [[`count by (version) (rollcall_build_info{${JOB}})`, '{{version}}']],
      },
      {
        title: 'Nodes by state',
        description: 'Every node that is known, by the state of its workflow; also those that are gone.',
        unit: 'short',
        stacked: true,
        queries: [[`sum by (state) (max by (state, node_type) (rollcall_nodes{${JOB}}))`, '{{state}}']],
      },
      {
        title: 'Active nodes by type',
        description: 'Active nodes by what they say they are.',
        unit: 'short',
        stacked: true,
        queries: [[`max by (node_type) (rollcall_nodes{${JOB}, state="active"})`, '{{node_type}}']],
      },
      {
        title: 'Deadlines that passed',
        description:
          'Nodes that did not acknowledge in time, fell silent, or were accepted with one backend: markers by kind of deadline.',
        unit: 'ops',
        queries: [[`sum by (kind) (${rate('rollcall_deadline_markers_total')})`, '{{kind}}']],
      },
    ],
  },
  {
    title: 'Handshake',
    panels: [
      {
        title: 'Registrations: time',
        description:
          'From the message that began a registration to the one that made the node accepted, and active (with its own time to acknowledge), by append times.',
        unit: 's',
        queries: quantiles('rollcall_registration_duration_seconds', ['until'], '{{until}}'),
      },
      {
        title: 'Steps',
        description: 'Steps that were taken, by machine and message.',
        unit: 'ops',
        queries: [[`sum by (machine, message) (${rate('rollcall_steps_total')})`, '{{machine}} {{message}}']],
      },
      {
        title: 'Messages that changed nothing',
        description: 'By reason. Duplicates are normal; a rate of stale or unknown_node that stays is not.',
        unit: 'ops',
        queries: [[`sum by (machine, reason) (${rate('rollcall_ignored_messages_total')})`, '{{machine}} {{reason}}']],
      },
      {
        title: 'Messages that somebody else may have said',
        description:
          'By what is wrong with their signature. With SIGNED_EVENTS=required they had no effect; with warn they had it.',
        unit: 'ops',
        queries: [[`sum by (message, reason) (${rate('rollcall_doubted_messages_total')})`, '{{message}} {{reason}}']],
      },
      {
        title: 'Requests of the API',
        description: 'Answers each second, by class of status; streams of events are left out.',
        unit: 'reqps',
        queries: [[`sum by (status) (${rate('rollcall_http_request_duration_seconds_count')})`, '{{status}}']],
      },
      {
        title: 'Requests of the API: time',
        description: 'The slowest in a hundred, by method and route; streams of events are left out.',
        unit: 's',
        queries: [
          [quantile(0.99, 'rollcall_http_request_duration_seconds', ['method', 'route']), '{{method}} {{route}}'],
        ],
      },
      {
        title: 'Inputs that came again',
        description: 'Decided before: their stored outputs were published again. Some after each restart; else none.',
        unit: 'ops',
        queries: [[`sum by (machine) (${rate('rollcall_repeated_inputs_total')})`, '{{machine}}']],
      },
    ],
  },
  {
    title: 'Backends',
    panels: [
      {
        type: 'state-timeline',
        title: 'Components',
        description: 'What /health says of each, the worst of all processes.',
        unit: 'short',
        mappings: STATES([0, 'unhealthy', 'red'], [1, 'degraded', 'orange'], [2, 'healthy', 'green']),
        queries: [[`min by (component) (rollcall_component_status{${JOB}})`, '{{component}}']],
      },
      {
        type: 'state-timeline',
        title: 'Breakers',
        description: 'While a breaker is open its intents wait in the log.',
        unit: 'short',
        mappings: STATES([0, 'closed', 'green'], [1, 'half open', 'orange'], [2, 'open', 'red']),
        queries: [[`max by (backend) (rollcall_breaker_state{${JOB}})`, '{{backend}}']],
      },
      {
        title: 'Effects',
        description:
          'Intents that were carried out, by operation and outcome: ok, or why the backend refuses the record.',
        unit: 'ops',
        queries: [[`sum by (operation, outcome) (${rate('rollcall_effects_total')})`, '{{operation}} {{outcome}}']],
      },
      {
        title: 'Effects: time of a batch',
        description: 'What the backend takes for one batch of an operation, further tries included.',
        unit: 's',
        queries: quantiles('rollcall_effect_duration_seconds', ['operation'], '{{operation}}'),
      },
      {
        title: 'Intents passed over',
        description: 'A newer one of the node stands for them.',
        unit: 'ops',
        queries: [[`sum by (backend, reason) (${rate('rollcall_dropped_intents_total')})`, '{{backend}} {{reason}}']],
      },
      {
        title: 'Drift',
        description: 'Entries that the last audit found not to be as desired; foreign ones are only counted.',
        unit: 'short',
        queries: [[`max by (backend, kind) (rollcall_drift_entries{${JOB}})`, '{{backend}} {{kind}}']],
      },
      {
        title: 'Repairs of drift',
        description: 'What the reducer was asked to have written again, or removed.',
        unit: 'ops',
        queries: [[`sum by (backend, kind) (${rate('rollcall_drift_repairs_total')})`, '{{backend}} {{kind}}']],
      },
      {
        title: 'Audits',
        description: 'Time since the last audit that came to its end, and what audits take.',
        unit: 's',
        queries: [
          [`time() - max by (backend) (rollcall_drift_last_audit_timestamp_seconds{${JOB}})`, '{{backend}} since'],
          [quantile(0.99, 'rollcall_drift_audit_seconds', ['backend']), '{{backend}} takes (p99)'],
        ],
      },
      {
        type: 'state-timeline',
        title: 'Held back',
        description: 'Whether repair of a backend, or expiry, waits for an operator.',
        unit: 'short',
        mappings: STATES([0, 'no', 'green'], [1, 'held', 'red']),
        queries: [
          [`max by (backend) (rollcall_drift_held{${JOB}})`, 'repair of {{backend}}'],
          [`max(rollcall_expiry_held{${JOB}})`, 'expiry'],
        ],
      },
    ],
  },
  {
    title: 'Kafka',
    panels: [
      {
        title: 'Lag',
        description: 'Records that a group is not done with, over all its topics.',
        unit: 'short',
        queries: [
          [`sum by (group) (max by (group, topic, partition) (rollcall_consumer_lag_records{${JOB}}))`, '{{group}}'],
        ],
      },
      {
        title: 'Lag by topic',
        description: 'The same by topic: which of them is behind.',
        unit: 'short',
        queries: [
          [`sum by (topic) (max by (group, topic, partition) (rollcall_consumer_lag_records{${JOB}}))`, '{{topic}}'],
        ],
      },
      {
        title: 'Dead letters',
        description: 'Written, by the component that could not take the message. There should be none.',
        unit: 'ops',
        queries: [[`sum by (component) (${rate('rollcall_dead_letters_total')})`, '{{component}}']],
      },
      {
        type: 'stat',
        title: 'Dead letters stored',
        description: 'In the table, and those of them in quarantine, which wait for somebody.',
        unit: 'short',
        queries: [
          [`max(rollcall_dead_letters_stored{${JOB}})`, 'stored'],
          [`max(rollcall_dead_letters_quarantined{${JOB}})`, 'in quarantine'],
        ],
      },
      {
        title: 'Time of a publish',
        description: 'Until all that follows from a batch is in the log.',
        unit: 's',
        queries: [
          [
            `histogram_quantile(0.99, sum by (component, le) (${rate('rollcall_stage_duration_seconds_bucket', ', stage="publish"')}))`,
            '{{component}} p99',
          ],
        ],
      },
    ],
  },
  {
    title: 'Journal',
    panels: [
      {
        title: 'Transactions: time',
        description: 'To decide a batch and to store its states and its journal.',
        unit: 's',
        queries: ['0.5', '0.99'].map((q) => [
          `histogram_quantile(${q}, sum by (component, le) (${rate('rollcall_stage_duration_seconds_bucket', ', stage="decide_and_store"')}))`,
          `{{component}} p${Number(q) * 100}`,
        ]),
      },
      {
        title: 'Records of a batch',
        description:
          'How many messages one transaction, or one batch for a backend, has on average. It grows with the load.',
        unit: 'short',
        queries: [
          [
            `sum by (component) (${rate('rollcall_batch_records_sum')}) / sum by (component) (${rate('rollcall_batch_records_count')})`,
            '{{component}}',
          ],
        ],
      },
      {
        title: 'Batches',
        description: 'Transactions, and batches for a backend, each second.',
        unit: 'ops',
        queries: [[`sum by (component) (${rate('rollcall_batch_records_count')})`, '{{component}}']],
      },
      {
        title: 'Disk of the embedded database',
        description:
          'Bytes that are free, and all there are, where the embedded database is. Empty with a real PostgreSQL.',
        unit: 'bytes',
        queries: [
          [`rollcall_data_free_bytes{${SELF}}`, '{{instance}} free'],
          [`rollcall_data_size_bytes{${SELF}}`, '{{instance}} size'],
        ],
      },
    ],
  },
  {
    title: 'Heartbeats',
    panels: [
      {
        title: 'Heartbeats by outcome',
        description:
          'extended: a deadline moved. coalesced: a later one of the same batch stands for it. Else why it changed nothing.',
        unit: 'ops',
        queries: [[`sum by (outcome) (${rate('rollcall_heartbeats_total')})`, '{{outcome}}']],
      },
      {
        title: 'Time of a batch of heartbeats',
        description: 'To move the deadlines of a batch.',
        unit: 's',
        queries: [
          [
            `histogram_quantile(0.99, sum by (stage, le) (${rate('rollcall_stage_duration_seconds_bucket', ', component="heartbeats"')}))`,
            '{{stage}} p99',
          ],
        ],
      },
      {
        title: 'Who scans for deadlines',
        description: 'One of all processes does: the sum is 1.',
        unit: 'short',
        queries: [[`rollcall_deadline_scan_leader{${JOB}}`, '{{instance}}']],
      },
    ],
  },
  {
    title: 'Who asks and follows',
    panels: [
      {
        title: 'Streams of events',
        description: 'Programs that follow the fleet just now, by protocol.',
        unit: 'short',
        queries: [[`sum by (protocol) (rollcall_event_followers{${SELF}})`, '{{protocol}}']],
      },
      {
        title: 'Events sent',
        description: 'To those who follow the fleet, all of them together.',
        unit: 'ops',
        queries: [[`sum by (protocol) (${rate('rollcall_events_sent_total')})`, '{{protocol}}']],
      },
      {
        title: 'Followers that lost events',
        description:
          'Let go because they had stopped to read, or told that the log does not have all that came after their cursor.',
        unit: 'ops',
        queries: [
          [`sum by (protocol) (${rate('rollcall_event_followers_dropped_total')})`, '{{protocol}} let go'],
          [`sum by (reason) (${rate('rollcall_event_gaps_total')})`, 'gap: {{reason}}'],
        ],
      },
      {
        title: 'Snapshots',
        description: 'Nodes that were looked at for the snapshot topic, by what came of it.',
        unit: 'ops',
        queries: [[`sum by (outcome) (${rate('rollcall_snapshots_total')})`, '{{outcome}}']],
      },
      {
        title: 'Refused requests',
        description: 'For who sent them, from where, or how many. See /v1/audit for who that was.',
        unit: 'reqps',
        queries: [[`sum by (reason) (${rate('rollcall_refused_requests_total')})`, '{{reason}}']],
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        title: 'CPU',
        description: 'Processor seconds each second; 1 is a whole processor.',
        unit: 'percentunit',
        queries: [[rate('process_cpu_seconds_total'), '{{instance}}']],
      },
      {
        title: 'Memory',
        description: 'Resident, and what of it is the heap of V8 in use.',
        unit: 'bytes',
        queries: [
          [`process_resident_memory_bytes{${SELF}}`, '{{instance}} resident'],
          [`nodejs_heap_size_used_bytes{${SELF}}`, '{{instance}} heap'],
        ],
      },
      {
        title: 'Event loop',
        description: 'How late the event loop is, the worst in a hundred turns; the sampler itself takes 10 ms of it.',
        unit: 's',
        queries: [[`nodejs_eventloop_lag_p99_seconds{${SELF}}`, '{{instance}}']],
      },
      {
        title: 'Garbage collection',
        description: 'Share of the time that goes to it, by kind.',
        unit: 'percentunit',
        queries: [[`sum by (kind) (${rate('nodejs_gc_duration_seconds_sum')})`, '{{kind}}']],
      },
    ],
  },
];
