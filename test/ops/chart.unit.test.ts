import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { ROLES, variableNames } from '../../src/config.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const RENDERED = join(ROOT, 'test/ops/chart');

type Env = { readonly name: string; readonly value: string };
type Probe = { readonly httpGet: { readonly path: string; readonly port: string } };
type Container = {
  readonly name: string;
  readonly image: string;
  readonly env: readonly Env[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly requests?: object; readonly limits?: object };
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
};
type PodSpec = Readonly<Record<string, unknown>> & {
  readonly containers: readonly Container[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly terminationGracePeriodSeconds?: number;
};
type Manifest = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Record<string, string> };
    readonly template?: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec };
  };
};

function rendered(name: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(join(RENDERED, `${name}.yaml`), 'utf8'))
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0]!;
      return document.toJS() as Manifest | null;
    })
    .filter((manifest) => manifest !== null);
}

const NAMES = readdirSync(RENDERED).map((name) => name.replace('.yaml', ''));
const of = (manifests: readonly Manifest[], kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const podOf = (manifest: Manifest): PodSpec => manifest.spec.template!.spec;
const envOf = (manifest: Manifest) => podOf(manifest).containers.flatMap(({ env }) => env);
const valueOf = (manifest: Manifest, name: string) => envOf(manifest).find((one) => one.name === name)?.value;

/** Of the API's access, which has a page of its own. */
const ACCESS = ['ADMIN_TOKENS_FILE', 'ALLOW_UNAUTHENTICATED'];

it('there are as many renderings as there are values for it', () => {
  const values = readdirSync(join(ROOT, 'ops/helm/rollcall/ci')).map((name) => name.replace('-values.yaml', ''));
  expect(NAMES.sort()).toEqual(values.sort());
});

it('the chart is of the version of the program', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(readFileSync(join(ROOT, 'ops/helm/rollcall/Chart.yaml'), 'utf8')).toContain(`\nappVersion: ${version}\n`);
});

describe.each(NAMES)('the chart with %s-values.yaml', (name) => {
  const manifests = rendered(name);
  const deployments = of(manifests, 'Deployment');
  const workloads = [...deployments, ...of(manifests, 'Job')];

  it('gives the processes all roles, each once a deployment', () => {
    const roles = deployments.flatMap((deployment) => valueOf(deployment, 'ROLES')?.split(',') ?? []);
    expect([...roles].sort()).toEqual([...ROLES].sort());
  });

  it('sets variables that Rollcall knows, each once', () => {
    for (const workload of workloads) {
      const names = envOf(workload).map((env) => env.name);
      expect(names.filter((one) => ![...variableNames(), ...ACCESS].includes(one))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
      expect(envOf(workload).filter(({ value }) => typeof value !== 'string' || value === '')).toEqual([]);
    }
  });

  it('has no secret in a variable: they are files of a mounted Secret', () => {
    for (const workload of workloads) {
      const files = envOf(workload).filter((env) => /_FILE$|CACERT$|CLIENT_(CERT|KEY)$/.test(env.name));
      expect(files.map((env) => env.name)).toContain('DATABASE_URL_FILE');
      expect(files.filter(({ value }) => !value.startsWith('/etc/rollcall/secrets/'))).toEqual([]);
      expect(podOf(workload).containers[0]?.volumeMounts).toContainEqual(
        expect.objectContaining({ name: 'secrets', mountPath: '/etc/rollcall/secrets', readOnly: true }),
      );
    }
  });

  it('probes live for restarts and ready for traffic', () => {
    for (const deployment of deployments) {
      const [container] = podOf(deployment).containers;
      expect(container?.livenessProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
      expect(container?.startupProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
      expect(container?.readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' });
    }
  });

  it('gives a pod the time that it takes to stop', () => {
    const source = readFileSync(join(ROOT, 'src/main.ts'), 'utf8');
    const stopMs = Number(/STOP_WITHIN_MS = ([\d_]+)/.exec(source)?.[1]?.replaceAll('_', ''));
    expect(stopMs).toBeGreaterThan(0);
    for (const deployment of deployments) {
      const { terminationGracePeriodSeconds = 0 } = podOf(deployment);
      const text = JSON.stringify(podOf(deployment).containers[0]);
      const preStop = Number(/"command":\["sleep","(\d+)"\]/.exec(text)?.[1]);
      expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(preStop * 1000 + stopMs);
    }
  });

  it('lets a pod do nothing that it need not', () => {
    for (const workload of workloads) {
      const pod = podOf(workload);
      expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext, resources } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources).toMatchObject({
          requests: { cpu: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
      }
    }
    expect(of(manifests, 'Role').concat(of(manifests, 'ClusterRole'), of(manifests, 'Secret'))).toEqual([]);
  });

  it('names its image by version', () => {
    const images = workloads.flatMap((workload) => podOf(workload).containers.map(({ image }) => image));
    expect(
      images.filter((image) => !/:[\w.-]+(@sha256:[0-9a-f]{64})?$/.test(image) || image.includes('latest')),
    ).toEqual([]);
  });

  it('selects with every selector the pods that it means', () => {
    const pods = deployments.map((deployment) => deployment.spec.template!.metadata.labels);
    const chosen = (labels: Record<string, string>) =>
      pods.filter((pod) => Object.entries(labels).every(([label, value]) => pod[label] === value));
    for (const deployment of deployments) expect(chosen(deployment.spec.selector?.matchLabels ?? {})).toHaveLength(1);
    for (const budget of of(manifests, 'PodDisruptionBudget'))
      expect(chosen(budget.spec.selector?.matchLabels ?? {})).toHaveLength(1);
    const [api, metrics] = of(manifests, 'Service').map(({ spec }) => chosen(spec.selector as Record<string, string>));
    expect([api?.length, metrics?.length]).toEqual([1, deployments.length]);
  });
});

describe('with the migration', () => {
  it.each(['all-in-one', 'split'])('of %s, the owner makes the tables first, and the others only look', (name) => {
    const manifests = rendered(name);
    const [job] = of(manifests, 'Job');
    expect(job?.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade' });
    expect([valueOf(job!, 'MIGRATE'), valueOf(job!, 'MIGRATE_GRANT_TO')]).toEqual(['only', 'rollcall_app']);
    // The chart's own account is not there yet.
    expect(podOf(job!)).not.toHaveProperty('serviceAccountName');
    for (const deployment of of(manifests, 'Deployment')) expect(valueOf(deployment, 'MIGRATE')).toBe('check');
  });

  it('of plain, the registry makes them itself', () => {
    expect(of(rendered('plain'), 'Job')).toEqual([]);
    for (const deployment of of(rendered('plain'), 'Deployment'))
      expect(valueOf(deployment, 'MIGRATE')).toBeUndefined();
  });
});

it('split has what it asks for', () => {
  const kinds = new Set(rendered('split').map(({ kind }) => kind));
  for (const kind of [
    'Ingress',
    'NetworkPolicy',
    'HorizontalPodAutoscaler',
    'ServiceMonitor',
    'PrometheusRule',
    'PodDisruptionBudget',
  ])
    expect(kinds).toContain(kind);
  const workers = of(rendered('split'), 'Deployment').find(({ metadata }) => metadata.name.endsWith('-workers'));
  expect(workers?.spec).not.toHaveProperty('replicas');
});
