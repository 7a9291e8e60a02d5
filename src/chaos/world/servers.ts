import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../faults/fault.js';
import { childrenOf, signalTo, statOf } from './processes.js';

export type ServersOptions = {
  /** The project's folder, which has stack/stack. */
  readonly root: string;
  /** Data and logs of the servers; `stack.log` beside it tells what was done to them. */
  readonly folder: string;
  /** The first of six free ports in a row. */
  readonly firstPort: number;
};

/** A Kafka, a Consul and a PostgreSQL of this run's own, by stack/stack: nobody else knows their folder and ports. */
export class Servers {
  readonly ports: Readonly<Record<Server, number>>;
  private readonly frozen = new Map<Server, readonly number[]>();

  constructor(private readonly options: ServersOptions) {
    const { firstPort } = options;
    this.ports = { kafka: firstPort, consul: firstPort + 2, postgres: firstPort + 5 };
  }

  /** Starts what is down, and waits until it serves. Installs what stack/stack installs. */
  up(...names: readonly Server[]): Promise<void> {
    return this.stack('up', names);
  }

  /** kill -9, the children of PostgreSQL included. */
  kill(server: Server): Promise<void> {
    return this.stack('kill', [server]);
  }

  /** A clean stop. */
  down(server: Server): Promise<void> {
    return this.stack('down', [server]);
  }

  /** SIGSTOP to the server and to what it has started. */
  freeze(server: Server): void {
    const main = this.pidOf(server);
    signalTo(main, 'SIGSTOP'); // before its children are counted: from here on it starts no more
    const children = childrenOf(main);
    for (const child of children) signalTo(child, 'SIGSTOP');
    this.frozen.set(server, [main, ...children]);
  }

  thaw(server: Server): void {
    for (const pid of this.frozen.get(server) ?? []) signalTo(pid, 'SIGCONT');
    this.frozen.delete(server);
  }

  /** Ends all of them and deletes their data. */
  async wipe(): Promise<void> {
    for (const server of [...this.frozen.keys()]) this.thaw(server);
    await this.stack('wipe', []);
  }

  /** Ends all of them; what they kept and logged stays. */
  async stop(): Promise<void> {
    for (const server of [...this.frozen.keys()]) this.thaw(server);
    await this.stack('kill', []);
  }

  /** Of the process that stack/stack has started, as its pid file says; never of another with the same number. */
  private pidOf(server: Server): number {
    const [pid, startedAt] = readFileSync(join(this.options.folder, server, 'pid'), 'utf8').split(' ');
    if (statOf(Number(pid))?.startedAt !== startedAt)
      throw new Error(`${server} is not running, expected process ${pid}`);
    return Number(pid);
  }

  private async stack(verb: string, names: readonly Server[]): Promise<void> {
    const { root, folder } = this.options;
    const log = openSync(`${folder}.log`, 'a');
    try {
      const settings = [
        `ROLLCALL_STACK_DATA=${folder}`,
        `ROLLCALL_STACK_KAFKA_PORT=${this.ports.kafka}`,
        `ROLLCALL_STACK_CONSUL_PORT=${this.ports.consul}`,
        `ROLLCALL_STACK_POSTGRES_PORT=${this.ports.postgres}`,
      ];
      // In a session of its own: Ctrl-C is for us, who then end it in order.
      const command = ['bash', join(root, 'stack/stack'), verb, ...names];
      const child = spawn('env', [...settings, ...command], { stdio: ['ignore', log, log], detached: true });
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0)
        throw new Error(`stack/stack ${[verb, ...names].join(' ')} ended with ${code}: see ${folder}.log`);
    } finally {
      closeSync(log);
    }
  }
}
