import { errorText } from '../../messages/index.js';
import type { ChildMessage, Question } from './child.js';

export type Program = {
  /** What it can be asked; `details` is what the bench gave along. */
  readonly answers: Readonly<Record<string, (details: unknown) => unknown>>;
  /** Before it ends. */
  close(): Promise<void>;
};

/**
 * The whole life of a child of the bench: reads its settings, starts, says that it is ready, answers, and ends when it is told to (SIGTERM)
 * or the bench is gone.
 */
export async function serve<Settings>(start: (settings: Settings) => Promise<Program>): Promise<void> {
  const say = (message: ChildMessage): void => {
    if (process.connected) process.send?.(message);
  };
  const failed = (error: unknown): void => {
    say({ kind: 'failed', id: null, reason: errorText(error, 2000) });
    process.disconnect();
    process.exitCode = 1;
    process.exit();
  };
  process.on('uncaughtException', failed);
  process.on('unhandledRejection', failed);
  process.on('disconnect', () => process.exit(0)); // the bench is gone
  const program = await start(JSON.parse(process.argv[2] ?? 'null') as Settings);
  const leave = (): void => {
    program.close().then(() => process.exit(0), failed);
  };
  process.once('SIGTERM', leave);
  process.on('message', ({ id, question, details }: Question) => {
    void answer(program, question, details).then(
      (value) => say({ kind: 'answer', id, value }),
      (error: unknown) => say({ kind: 'failed', id, reason: errorText(error, 2000) }),
    );
  });
  say({ kind: 'ready' });
}

async function answer({ answers }: Program, question: string, details: unknown): Promise<unknown> {
  const reply = answers[question];
  if (reply === undefined)
    throw new Error(`nobody answers "${question}": there are ${Object.keys(answers).join(', ')}`);
  return await reply(details);
}
