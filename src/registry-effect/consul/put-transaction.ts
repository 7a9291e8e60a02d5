import { TaskCancelledError } from 'cockatiel';
import type { Dispatcher } from 'undici';

export type TransactionRequest = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From here to the last byte of the answer. */
  readonly timeoutMs: number;
};

/** `text` is empty with status 200: there Consul repeats all that it was told, and nobody wants to hear it. */
export type TransactionAnswer = { readonly statusCode: number; readonly text: string };

/**
 * `PUT /v1/txn`. By undici's dispatch: its request() with a body stream and an abort signal costs twice the CPU, and there is nothing to
 * stream. Rejects with what the network did, or a TaskCancelledError when the time is over; the connection is closed then.
 */
export function putTransaction(
  pool: Dispatcher,
  { headers, body, timeoutMs }: TransactionRequest,
): Promise<TransactionAnswer> {
  return new Promise((resolve, reject) => {
    pool.dispatch({ path: '/v1/txn', method: 'PUT', headers, body }, new Exchange(timeoutMs, resolve, reject));
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  private readonly timer: NodeJS.Timeout;
  private readonly chunks: Buffer[] = [];
  private statusCode = 0;
  private controller: Dispatcher.DispatchController | null = null;
  private expired: TaskCancelledError | null = null;

  constructor(
    timeoutMs: number,
    private readonly resolve: (answer: TransactionAnswer) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.timer = setTimeout(() => this.expire(timeoutMs), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.expired !== null) controller.abort(this.expired);
  }

  /** Comes for provisional answers, too; the last one counts. */
  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number): void {
    this.statusCode = statusCode;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.statusCode !== 200) this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.timer);
    this.resolve({ statusCode: this.statusCode, text: Buffer.concat(this.chunks).toString() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.timer);
    this.reject(error);
  }

  private expire(timeoutMs: number): void {
    this.expired = new TaskCancelledError(`Operation timed out after ${timeoutMs}ms`);
    this.reject(this.expired);
    this.controller?.abort(this.expired);
  }
}
