import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { PAGE_SIZE, type ListedNode, type NodesPage } from '../../src/console/api/fleet-model.js';
import { NodeWindow } from '../../src/console/fleet/node-window.js';

const node = (nodeId: string): ListedNode => ({
  nodeId,
  nodeType: 'effect',
  nodeVersion: '1.0.0',
  state: 'active',
  degraded: false,
  capabilities: {},
  updatedAt: '2026-11-21T10:00:00Z',
  lastHeartbeatAt: null,
});

const idOf = (number: number): string => `n${String(number).padStart(6, '0')}`;

/** A server with a list in the order of ids; a cursor is the last id of a page. */
class Server {
  ids: string[];
  readonly asked: (string | null)[] = [];
  aborted = 0;
  failing = false;
  /** Set: answers wait until {@link answer}. */
  isSlow = false;
  private readonly waiting: (() => void)[] = [];

  constructor(count: number) {
    this.ids = Array.from({ length: count }, (_, number) => idOf(number));
  }

  readonly load = async (after: string | null, signal: AbortSignal): Promise<NodesPage> => {
    this.asked.push(after);
    signal.addEventListener('abort', () => (this.aborted += 1));
    if (this.isSlow) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failing) throw new Error('away');
    const behind = after === null ? this.ids : this.ids.filter((id) => id > after);
    const page = behind.slice(0, PAGE_SIZE);
    return { nodes: page.map(node), next: behind.length > PAGE_SIZE ? (page.at(-1) ?? null) : null };
  };

  answer(): void {
    for (const answer of this.waiting.splice(0)) answer();
  }
}

async function settled(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await turn();
}

/** Scrolls to the end of what is known, until there is no more. */
async function toTheEnd(window: NodeWindow): Promise<void> {
  while (!window.state.isWhole) {
    const last = window.state.rowCount - 1;
    window.show(last - 20, last);
    await settled();
  }
}

const ids = (window: NodeWindow, first: number, last: number): (string | undefined)[] =>
  Array.from({ length: last - first + 1 }, (_, index) => window.row(first + index)?.nodeId);

describe('a window onto a list', () => {
  it('reads a page of a list that has no more', async () => {
    const window = new NodeWindow(new Server(7).load);
    expect(window.state).toMatchObject({ isRead: false, isWhole: false });
    window.show(0, 30);
    await settled();
    expect(window.state).toEqual({ rowCount: 7, isWhole: true, problem: null, isRead: true });
    expect(ids(window, 0, 7)).toEqual([...Array.from({ length: 7 }, (_, number) => idOf(number)), undefined]);
  });

  it('knows an empty list', async () => {
    const window = new NodeWindow(new Server(0).load);
    window.show(0, 30);
    await settled();
    expect(window.state).toMatchObject({ rowCount: 0, isWhole: true, isRead: true });
  });

  it('opens a list of 100,000 page by page, and never keeps more than a few of them', async () => {
    const server = new Server(100_000);
    const window = new NodeWindow(server.load);
    let most = 0;
    window.subscribe(() => (most = Math.max(most, window.kept)));
    await toTheEnd(window);
    expect(window.state.rowCount).toBe(100_000);
    expect(ids(window, 99_998, 99_999)).toEqual([idOf(99_998), idOf(99_999)]);
    expect(server.asked).toHaveLength(1000);
    expect(most).toBeLessThanOrEqual(6 * PAGE_SIZE);
  });

  it('reads what it let go of again, at its place', async () => {
    const server = new Server(2000);
    const window = new NodeWindow(server.load);
    await toTheEnd(window);
    expect(window.row(500)).toBeUndefined();
    window.show(495, 520);
    await settled();
    expect(ids(window, 495, 520)).toEqual(Array.from({ length: 26 }, (_, index) => idOf(495 + index)));
    expect(server.asked).toHaveLength(22);
  });

  it('has no row twice and none missing when nodes come between', async () => {
    const server = new Server(1000);
    const window = new NodeWindow(server.load);
    await toTheEnd(window);
    window.show(0, 30);
    await settled();
    server.ids = [
      ...server.ids,
      ...Array.from({ length: 150 }, (_, number) => `${idOf(5)}-${String(number).padStart(3, '0')}`),
    ].sort();
    window.refresh();
    await settled();
    const seen: (string | undefined)[] = [];
    for (let row = 0; row < 1150; row += 50) {
      window.show(row, row + 49);
      await settled();
      seen.push(...ids(window, row, row + 49));
    }
    expect(seen).toEqual(server.ids);
  });

  it('becomes shorter when nodes go', async () => {
    const server = new Server(450);
    const window = new NodeWindow(server.load);
    await toTheEnd(window);
    expect(window.state.rowCount).toBe(450);
    server.ids = server.ids.slice(0, 120);
    window.show(80, 130);
    window.refresh();
    await settled();
    expect(window.state).toMatchObject({ rowCount: 120, isWhole: true });
    expect(window.row(119)?.nodeId).toBe(idOf(119));
    expect(window.row(120)).toBeUndefined();
  });

  it('shows what it has until the new is there', async () => {
    const server = new Server(30);
    const window = new NodeWindow(server.load);
    window.show(0, 29);
    await settled();
    server.isSlow = true;
    server.ids = server.ids.slice(1);
    window.refresh();
    await settled();
    expect(window.row(0)?.nodeId).toBe(idOf(0));
    server.answer();
    await settled();
    expect(window.row(0)?.nodeId).toBe(idOf(1));
    expect(window.state.rowCount).toBe(29);
  });

  it('cancels what nobody looks at any more', async () => {
    const server = new Server(5000);
    const window = new NodeWindow(server.load);
    await toTheEnd(window);
    server.isSlow = true;
    window.show(0, 40);
    window.show(2000, 2040);
    expect(server.aborted).toBe(1);
    server.answer();
    await settled();
    server.isSlow = false;
    expect(window.row(0)).toBeUndefined();
    expect(window.row(2000)?.nodeId).toBe(idOf(2000));
    server.isSlow = true;
    window.show(4000, 4040);
    window.close();
    expect(server.aborted).toBe(2);
    server.answer();
    await settled();
    expect(window.row(4000)).toBeUndefined();
  });

  it('tells of a failure, keeps what it has, and recovers', async () => {
    const server = new Server(30);
    const window = new NodeWindow(server.load);
    window.show(0, 29);
    await settled();
    server.failing = true;
    window.refresh();
    await settled();
    expect(window.state.problem).toEqual(new Error('away'));
    expect(window.row(3)?.nodeId).toBe(idOf(3));
    server.failing = false;
    window.refresh();
    await settled();
    expect(window.state.problem).toBeNull();
  });
});
