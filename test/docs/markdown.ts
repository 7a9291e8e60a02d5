/** A fenced block of a page, with where it stands. */
export type Block = {
  readonly language: string;
  readonly text: string;
  /** The nearest heading above it. */
  readonly heading: string;
  /** Line of its first fence, counted from 1. */
  readonly line: number;
};

/** Commands of a page, and what they answer where the page says so. */
export type Exchange = {
  /** Heading and line: what a failure is called by. */
  readonly name: string;
  readonly commands: string;
  readonly answer: Block | null;
};

const ANSWERS = ['json', 'http', 'text'];

export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: { language: string; line: number; lines: string[] } | null = null;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open === null) {
      const fence = /^```(\w*)$/.exec(line);
      if (fence !== null) open = { language: fence[1] ?? '', line: index + 1, lines: [] };
      else heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    } else if (line === '```') {
      blocks.push({ language: open.language, text: open.lines.join('\n'), heading, line: open.line });
      open = null;
    } else open.lines.push(line);
  }
  if (open !== null) throw new Error(`the block in line ${open.line} has no end`);
  return blocks;
}

/** Blocks of `sh` in their order, each with the answer that is the next block, if it is one. */
export function exchangesOf(blocks: readonly Block[]): readonly Exchange[] {
  return blocks.flatMap((block, index) => {
    if (block.language !== 'sh') return [];
    const next = blocks[index + 1];
    const answer = next !== undefined && ANSWERS.includes(next.language) ? next : null;
    return [{ name: `${block.heading} (line ${block.line})`, commands: block.text, answer }];
  });
}
