import type { JoinOptions } from '../client/sdk.js';

export type SelfOptions = {
  readonly registryId: string;
  /** Null: the embedded log, which is reached by the process's own port. */
  readonly kafka: { readonly brokers: readonly string[]; readonly topicPrefix: string } | null;
  /** Where this process reaches itself. */
  readonly ownUrl: string;
  /** What it listens on, as it was configured. */
  readonly listensOn: string;
  /** Where others reach it; null: to be guessed. */
  readonly advertisedUrl: string | null;
  readonly hostname: string;
  readonly version: string;
  readonly roles: readonly string[];
};

const EVERY_ADDRESS: readonly string[] = ['0.0.0.0', '::', '[::]'];
const MAX_ID = 255;

/**
 * This process as a node. Its id is the same after each restart and no other's: replicas share the registry's id, those on other machines
 * differ by the name of theirs, and those on one machine by their port.
 */
export function selfDescription(options: SelfOptions): Omit<JoinOptions, 'on'> {
  const { registryId, kafka, ownUrl, version, roles } = options;
  const hostname = options.hostname.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  const url = advertised(options);
  return {
    nodeId: idOf(registryId, hostname, portOf(ownUrl)),
    nodeType: 'orchestrator',
    nodeVersion: version,
    capabilities: { registry: true, operations: roles },
    endpoints: { api: url, health: `${url}/health` },
    metadata: { registry_id: registryId, hostname },
    healthEndpoint: `${url}/health`,
    registry: kafka === null ? { url: ownUrl } : { kafka },
    // The process has its own way to stop, and to say so first.
    signals: false,
  };
}

function idOf(registryId: string, hostname: string, port: string): string {
  const ends = `-${port}`;
  return `${`${registryId}-${hostname}`.slice(0, MAX_ID - ends.length)}${ends}`;
}

function advertised({ advertisedUrl, ownUrl, listensOn, hostname }: SelfOptions): string {
  if (advertisedUrl !== null) return advertisedUrl.replace(/\/+$/, '');
  return EVERY_ADDRESS.includes(listensOn) ? `http://${hostname}:${portOf(ownUrl)}` : ownUrl;
}

function portOf(url: string): string {
  return new URL(url).port || '80';
}
