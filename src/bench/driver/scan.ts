const UUID_LENGTH = 36;

/** A field that holds a UUID, found in an envelope without parsing it: the first one of that name; empty where there is none. */
export function uuidIn(value: Buffer, field: string): string {
  const mark = `"${field}":"`;
  const at = value.indexOf(mark, 0, 'latin1');
  return at < 0 ? '' : value.toString('latin1', at + mark.length, at + mark.length + UUID_LENGTH);
}
