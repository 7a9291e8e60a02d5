import { PAGE_SIZE, type ListedNode, type NodesPage } from '../api/fleet-model.js';

type Load = (after: string | null, signal: AbortSignal) => Promise<NodesPage>;

/** What a view shows of a list. A new object whenever something has changed. */
export type WindowState = {
  /** Rows that there are as far as is known; one page more than that while the end was not seen. */
  readonly rowCount: number;
  /** Whether the end of the list is known. */
  readonly isWhole: boolean;
  /** Why the pages on screen cannot be read. */
  readonly problem: unknown;
  /** Whether anything was read yet. */
  readonly isRead: boolean;
};

/** Pages beyond those on screen that are kept, on either side: scrolling back and forth reads nothing. */
const MARGIN = 2;

/**
 * The part of a long list that is on screen. The server knows pages by cursors, each the end of the page before, so the list is
 * opened page by page; of those that were seen the cursor is kept, and the rows only of a few. A page that is read again may end
 * elsewhere: then the next one begins there.
 */
export class NodeWindow {
  private cursors: (string | null)[] = [null];
  private readonly pages = new Map<number, readonly ListedNode[]>();
  private readonly underWay = new Map<number, AbortController>();
  private readonly listeners = new Set<() => void>();
  private lastPage: number | null = null;
  /** Of the last page, also once its rows were let go. */
  private endRows = 0;
  private shown: readonly [number, number] = [0, 0];
  private stale = new Set<number>();
  state: WindowState = { rowCount: PAGE_SIZE, isWhole: false, problem: null, isRead: false };

  constructor(private readonly load: Load) {}

  /** Has the pages of these rows read, and lets go of those far from them. */
  show(firstRow: number, lastRow: number): void {
    const last = this.cursors.length - 1;
    this.shown = [Math.min(pageOf(firstRow), last), Math.min(pageOf(lastRow), last)];
    this.letGo();
    this.readShown();
  }

  /** Reads what is on screen again; what is shown stays until the new is there. */
  refresh(): void {
    this.stale = new Set(this.pages.keys());
    for (const page of this.underWay.keys()) this.stale.add(page);
    this.change({ problem: null });
    this.readShown();
  }

  row(index: number): ListedNode | undefined {
    return this.pages.get(pageOf(index))?.[index % PAGE_SIZE];
  }

  /** Rows that are in memory. */
  get kept(): number {
    return [...this.pages.values()].reduce((sum, rows) => sum + rows.length, 0);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Nobody looks any more: what is under way is cancelled. */
  close(): void {
    for (const reading of this.underWay.values()) reading.abort();
    this.underWay.clear();
  }

  private readShown(): void {
    const [first, last] = this.shown;
    for (let page = first; page <= last; page += 1) {
      if (this.underWay.has(page) || (this.pages.has(page) && !this.stale.has(page))) continue;
      void this.read(page);
    }
  }

  private async read(page: number): Promise<void> {
    const cursor = this.cursors[page];
    if (cursor === undefined) return;
    const reading = new AbortController();
    this.underWay.set(page, reading);
    this.stale.delete(page);
    try {
      const { nodes, next } = await this.load(cursor, reading.signal);
      if (reading.signal.aborted) return;
      this.underWay.delete(page);
      this.take(page, nodes, next);
    } catch (problem) {
      if (reading.signal.aborted) return;
      this.underWay.delete(page);
      this.change({ problem });
      return;
    }
    this.readShown();
  }

  private take(page: number, nodes: readonly ListedNode[], next: string | null): void {
    this.pages.set(page, nodes);
    if (next === null) {
      this.cursors.length = page + 1;
      this.lastPage = page;
      for (const behind of [...this.pages.keys()]) if (behind > page) this.pages.delete(behind);
    } else {
      if (this.lastPage === page) this.lastPage = null;
      if (this.cursors[page + 1] !== next) {
        this.cursors[page + 1] = next;
        this.stale.add(page + 1);
        this.underWay.get(page + 1)?.abort();
        this.underWay.delete(page + 1);
      }
    }
    if (this.lastPage === page) this.endRows = nodes.length;
    const rowCount =
      this.lastPage === null ? this.cursors.length * PAGE_SIZE : this.lastPage * PAGE_SIZE + this.endRows;
    this.change({ rowCount, isWhole: this.lastPage !== null, problem: null, isRead: true });
  }

  private letGo(): void {
    const [first, last] = this.shown;
    const isFar = (page: number): boolean => page < first - MARGIN || page > last + MARGIN;
    for (const page of [...this.pages.keys()]) if (isFar(page)) this.pages.delete(page);
    for (const [page, reading] of [...this.underWay]) {
      if (!isFar(page)) continue;
      reading.abort();
      this.underWay.delete(page);
    }
  }

  private change(changed: Partial<WindowState>): void {
    this.state = { ...this.state, ...changed };
    for (const listener of this.listeners) listener();
  }
}

const pageOf = (row: number): number => Math.floor(Math.max(0, row) / PAGE_SIZE);
