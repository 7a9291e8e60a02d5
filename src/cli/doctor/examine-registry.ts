import type { Config } from '../../config.js';
import { EXIT } from '../exit.js';
import { packageVersion } from '../package-version.js';
import { RegistryRefusal, RegistryUnreachable } from '../registry/failures.js';
import type { Registry } from '../registry/registry.js';
import { fail, skipped, type Finding } from './finding.js';
import { judgeHealth, judgeSameServers, judgeVersion, type Health } from './judge-registry.js';

/** The registry at the URL, if one runs there. */
export async function examineRegistry(registry: Registry, config: Config | null): Promise<readonly Finding[]> {
  try {
    const { body: health } = await registry.ask<Health>({ path: '/health', accepts: [503] });
    const { info } = await registry.get<{ readonly info?: { readonly version?: string } }>('/openapi.json');
    return [
      ...judgeHealth(registry.url, health),
      ...(config === null ? [] : judgeSameServers(registry.url, health, config)),
      ...(info?.version === undefined ? [] : judgeVersion(registry.url, info.version, packageVersion())),
    ];
  } catch (error) {
    if (error instanceof RegistryUnreachable) {
      return [skipped('registry.health', `no registry was looked at: ${error.message.split('\n')[0] ?? ''}`)];
    }
    if (!(error instanceof RegistryRefusal)) throw error;
    if (error.code === EXIT.unauthorised) {
      return [
        fail('registry.token', {
          what: `the registry at ${registry.url} refuses the caller: ${error.message.split('\n')[0] ?? ''}`,
          why: 'Every command would be refused like that.',
          mend: 'Set ROLLCALL_TOKEN_FILE, or give --token-file, with a token that it knows.',
        }),
      ];
    }
    return [skipped('registry.health', `what answers at ${registry.url} tells nothing of its health`)];
  }
}
