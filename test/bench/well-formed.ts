/** What is wrong with the nesting or quoting of an XML text that has no comments and no CDATA; undefined: nothing. */
export function problemIn(xml: string): string | undefined {
  const open: string[] = [];
  const rest = xml.replaceAll(
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*)(\/?)>/gi,
    (_all, end, name, _attributes, own) => {
      if (end === '/' && open.pop() !== name) open.push(`unexpected end of ${String(name)}`);
      if (end === '' && own === '') open.push(String(name));
      return '';
    },
  );
  if (open.length > 0) return `not closed: ${open.join(', ')}`;
  const stray = /[<>]|&(?!(amp|lt|gt|quot);)/.exec(rest);
  return stray === null ? undefined : `stray "${stray[0]}"`;
}
