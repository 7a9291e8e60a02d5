import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Child } from '../scenario.js';

/** From a child to the bench. */
export type ChildMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number | null; readonly reason: string };

/** From the bench to a child. */
export type Question = { readonly id: number; readonly question: string; readonly details: unknown };

/** It gets this long to leave its groups, and is killed then. Milliseconds. */
const STOP_WITHIN_MS = 10_000;

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/** Starts a program that speaks by `serve.ts`; resolves when it is ready, rejects when it fails or ends before. */
export async function startChild(file: string, settings: unknown, signal: AbortSignal): Promise<Child> {
  signal.throwIfAborted();
  // In a session of its own: Ctrl-C is for the bench, which then ends it in order; without the bench it ends by itself.
  const child = fork(file, [JSON.stringify(settings)], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  const ended = once(child, 'exit').then(([code, by]) => `${file} ended with ${String(by ?? `code ${String(code)}`)}`);
  let isOver: string | undefined;
  const fail = (reason: string): void => {
    isOver ??= reason;
    for (const { reject } of waiting.values()) reject(new Error(reason));
    waiting.clear();
  };
  void ended.then(fail);
  const wait = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (isOver === undefined) waiting.set(id, { resolve, reject });
      else reject(new Error(isOver));
    });
  child.on('message', (message: ChildMessage) => {
    switch (message.kind) {
      case 'ready':
        return settle(waiting, 0)?.resolve(undefined);
      case 'answer':
        return settle(waiting, message.id)?.resolve(message.value);
      case 'failed':
        // Without a question it is the program as a whole: it is about to end.
        if (message.id === null) return fail(`${file}: ${message.reason}`);
        return settle(waiting, message.id)?.reject(new Error(`${file}: ${message.reason}`));
      default:
        return unexpected(message);
    }
  });

  let last = 0;
  const started: Child = {
    pid: child.pid ?? 0,
    ask(question, details) {
      last += 1;
      const answer = wait(last);
      if (isOver === undefined) child.send({ id: last, question, details: details ?? null } satisfies Question);
      return answer;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(late);
    },
  };
  const interrupt = (): void => fail('interrupted');
  signal.addEventListener('abort', interrupt, { once: true });
  void ended.then(() => signal.removeEventListener('abort', interrupt));
  try {
    await wait(0);
    return started;
  } catch (error) {
    await started.stop();
    throw error;
  }
}

function settle(waiting: Map<number, Waiting>, id: number): Waiting | undefined {
  const one = waiting.get(id);
  waiting.delete(id);
  return one;
}

function unexpected(message: never): never {
  throw new Error(`unexpected message of a child: ${JSON.stringify(message)}`);
}
