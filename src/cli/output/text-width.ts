/** Characters that take two columns of a terminal: those of East Asia, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const COMBINING = /\p{Mark}/u;

/** How many columns a terminal takes for it. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** The text in at most so many columns, with `…` where something is missing. */
export function cutTo(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let width = 1;
  let kept = '';
  for (const character of text) {
    width += textWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** What others wrote may hold anything: control characters could move the cursor, or paint over lines. */
export function harmless(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}

/** The same for what has lines. */
export function harmlessLines(text: string): string {
  return text.split('\n').map(harmless).join('\n');
}
