import type { Config } from '../../config.js';
import { fail, judged, ok, warn, type Finding } from './finding.js';

/** What GET /health answers. */
export type Health = {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly components: Readonly<
    Record<
      string,
      {
        readonly status: string;
        readonly message: string;
        readonly details: Readonly<Record<string, unknown>>;
      }
    >
  >;
};

/** The registry that runs at the URL. Decides alone. */
export function judgeHealth(url: string, { status, components }: Health): readonly Finding[] {
  const ill = Object.entries(components)
    .filter(([, component]) => component.status !== 'healthy')
    .map(([name, { message }]) => `${name}: ${message}`);
  if (status === 'healthy') return [ok('registry.health', `the registry at ${url} is healthy`)];
  return [
    (status === 'degraded' ? warn : fail)('registry.health', {
      what: `the registry at ${url} says that it is ${status}: ${ill.join('; ') || 'without saying why'}`,
      why:
        status === 'degraded'
          ? 'It works, and part of it waits: what is named is behind until it is well again.'
          : 'It cannot decide anything until that is mended.',
      mend: 'The findings about that server say how, if it is the same from here; docs/operations.md has the rest.',
    }),
  ];
}

/** Whether the environment here is that of the registry there: where the two differ, all other findings are about something else. */
export function judgeSameServers(url: string, { components }: Health, config: Config): readonly Finding[] {
  const pairs = [
    ['kafka', 'KAFKA_BROKERS', config.kafka.brokers === null],
    ['consul', 'CONSUL_HTTP_ADDR', config.consul === null],
  ] as const;
  const different = pairs.filter(([name, , isEmbeddedHere]) => {
    const component = components[name];
    return component !== undefined && (component.details['embedded'] === true) !== isEmbeddedHere;
  });
  return judged('registry.same-servers', `the registry at ${url} uses the kinds of servers that are set here`, [
    different.length > 0 &&
      warn('registry.same-servers', {
        what: different
          .map(([name, variable, isEmbeddedHere]) =>
            isEmbeddedHere
              ? `the registry at ${url} uses a real ${name}, and ${variable} is not set here`
              : `${variable} is set here, and the registry at ${url} runs with its embedded part`,
          )
          .join('; '),
        why: 'What the doctor looks at is not what that registry works with.',
        mend: 'Run the doctor with the environment of the registry, or set --url to the registry of this environment.',
      }),
  ]);
}

export function judgeVersion(url: string, there: string, here: string): readonly Finding[] {
  return judged('registry.version', `the registry at ${url} is of the same release, ${here}`, [
    there !== here &&
      warn('registry.version', {
        what: `the registry at ${url} is ${there}, and this command ${here}`,
        why: 'Either may lack what the other has; migrations are judged by the release of this command.',
        mend: 'Take both of the same release.',
      }),
  ]);
}
