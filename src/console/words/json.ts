/** JSON for people to read: indented. Base64 and texts are left as they are. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** The same of a text that may be JSON; what is none stays as it is. */
export function prettyText(text: string): string {
  try {
    return pretty(JSON.parse(text));
  } catch {
    return text;
  }
}
