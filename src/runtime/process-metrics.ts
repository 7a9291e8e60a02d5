import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';

export type ProcessMetricsOptions = {
  readonly version: string;
  /** The folder of the embedded database; null where there is none. */
  readonly dataDir: string | null;
};

/** What this program is, and how much room its embedded database has. Node's own metrics tell the rest of the process. */
export function registerProcessMetrics(registry: Registry, { version, dataDir }: ProcessMetricsOptions): void {
  new Gauge({
    name: 'rollcall_build_info',
    help: 'Always 1; says which version runs, and on which Node',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  }).set({ version, node_version: process.version }, 1);
  if (dataDir !== null) registerDisk(registry, dataDir);
}

function registerDisk(registry: Registry, dataDir: string): void {
  const collect = async (): Promise<void> => {
    const disk = await statfs(dataDir).catch(() => null);
    // Before its first start there is no folder yet.
    if (disk === null) return;
    free.set(disk.bavail * disk.bsize);
    size.set(disk.blocks * disk.bsize);
  };
  const registers = [registry];
  const free = new Gauge({
    name: 'rollcall_data_free_bytes',
    help: 'Bytes that are free for this process where the embedded database is',
    registers,
    collect,
  });
  const size = new Gauge({
    name: 'rollcall_data_size_bytes',
    help: 'Bytes of the file system that the embedded database is on',
    registers,
    collect,
  });
}
