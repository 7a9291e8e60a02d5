import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseProcStat } from '../../src/bench/usage/proc-stat.js';
import { childrenOf, listenerOn, listeningInodes, statOf } from '../../src/bench/usage/processes.js';
import { cpuBetween, ProcessUsage } from '../../src/bench/usage/usage.js';

const LINE =
  '4242 (post (gres) x) S 4200 4242 4242 0 -1 4194560 88 99 0 0 1234 66 2500 500 20 0 1 0 777 300000000 2560 18446744073709551615 1 1\n';

/** As the kernel writes it. */
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:6358 00000000:0000 0A 00000000:00000000 00:00000000 00000000   104        0 41001 1 0000 100 0 0 10 0
   1: 0100007F:6358 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000   104        0 41002 1 0000 20 4 30 10 -1
   2: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41003 1 0000 100 0 0 10 0`;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe('what the kernel tells of a process', () => {
  it('is read, whatever the name', () => {
    expect(parseProcStat(LINE)).toEqual({
      pid: 4242,
      name: 'post (gres) x',
      parent: 4200,
      cpuSeconds: 13,
      endedChildrenCpuSeconds: 30,
      startedAt: '777',
      residentMiB: 10,
    });
  });

  it('is nothing else', () => {
    expect(() => parseProcStat('no such line')).toThrow('/proc/PID/stat: no such line');
    expect(() => parseProcStat('1 (x) S 1')).toThrow('/proc/PID/stat');
  });

  it('is there of this one, and not of one that is gone', async () => {
    expect(statOf(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid });
    const child = spawn('true');
    await once(child, 'exit');
    expect(statOf(child.pid ?? 0)).toBeUndefined();
  });

  it('finds children', async () => {
    const child = spawn('sleep', ['60']);
    ends.push(() => child.kill('SIGKILL'));
    await once(child, 'spawn');
    expect(childrenOf(process.pid).map(({ pid }) => pid)).toContain(child.pid);
  });
});

describe('who listens', () => {
  it('is found in the table by port and state', () => {
    expect(listeningInodes(TCP, 25_432)).toEqual(['41001']);
    expect(listeningInodes(TCP, 8080)).toEqual(['41003']);
    expect(listeningInodes(TCP, 80)).toEqual([]);
  });

  it('is this process, where it does', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(listenerOn(port)).toBe(process.pid);
    server.close();
    await once(server, 'close');
    expect(() => listenerOn(port)).toThrow(`port ${port}`);
  });
});

describe('usage by party', () => {
  const servers = { kafka: process.pid, consul: process.pid, postmaster: process.pid };

  it('grows with what a process does', () => {
    const usage = new ProcessUsage(servers);
    const before = usage.cpu();
    busyUntil(() => usage.cpu().kafka > before.kafka);
    const used = cpuBetween(before, usage.cpu());
    expect(used.kafka).toBeGreaterThan(0);
    expect(used.driver).toBeGreaterThan(0);
    expect(used.registry).toBe(0);
  });

  it('keeps what a process used that has ended', async () => {
    const usage = new ProcessUsage(servers);
    const child = spawn('sh', ['-c', 'while :; do :; done']);
    ends.push(() => child.kill('SIGKILL'));
    await once(child, 'spawn');
    usage.track('registry', child.pid ?? 0);
    busyUntil(() => usage.cpu().registry >= 0.05);
    expect(usage.residentMiB().registry).toBeGreaterThan(0);
    const { registry } = usage.cpu();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(usage.cpu().registry).toBeGreaterThanOrEqual(registry);
    expect(usage.residentMiB().registry).toBe(0);
  });
});

/** Works, so that the kernel's counters move; not for ever. */
function busyUntil(condition: () => boolean): void {
  for (const end = Date.now() + 60_000; !condition();) {
    if (Date.now() > end) throw new Error('the counters stand still');
  }
}
