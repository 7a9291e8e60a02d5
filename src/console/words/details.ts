/** What a component of the health document says of itself, of any shape, for people to read: `reason deferred, entries 12`. */
export function detailWords(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(detailWords).join(', ');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, of]) => `${name} ${detailWords(of)}`)
      .join(', ');
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
}
