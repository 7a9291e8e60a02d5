/** The registry is there and refuses: the same request again would be refused again. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
}

/** Whether the same request can succeed later: the registry or a part of it is away, slow, or has no room. */
export function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

/** What an answer that is not the one hoped for says: the detail of a problem document and the fields it names, else the status. */
export function refusalOf(status: number, text: string): string {
  const problem = parsed(text);
  if (problem?.detail === undefined) return `status ${status}`;
  const fields = (problem.errors ?? []).map(({ field, message }) => `${field} ${message}`);
  return `${status}: ${[problem.detail, ...fields].join('; ')}`;
}

type ProblemText = {
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
};

function parsed(text: string): ProblemText | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    // A proxy may have answered, with a page of its own.
    return undefined;
  }
}
