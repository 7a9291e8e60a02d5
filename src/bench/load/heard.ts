/** When nodes were heard to be accepted and active, by `performance.now()`. */
export class Heard {
  readonly acceptedAt = new Map<string, number>();
  readonly activeAt = new Map<string, number>();
  private fresh: string[] = [];

  readonly accepted = (nodeId: string, at: number): void => {
    this.acceptedAt.set(nodeId, at);
  };

  readonly active = (nodeId: string, at: number): void => {
    this.activeAt.set(nodeId, at);
    this.fresh.push(nodeId);
  };

  /** Those that became active since it was asked before. */
  takeActive(): readonly string[] {
    const active = this.fresh;
    this.fresh = [];
    return active;
  }
}
