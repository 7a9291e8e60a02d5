/** Addresses within the console. */
export function nodePath(nodeId: string): string {
  return `/nodes/${encodeURIComponent(nodeId)}`;
}

export function letterPath(id: string): string {
  return `/dead-letters/${encodeURIComponent(id)}`;
}
