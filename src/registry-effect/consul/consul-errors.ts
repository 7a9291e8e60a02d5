/** An answer of Consul other than 200, or a 409 that names no operation of ours. */
export class ConsulRefusal extends Error {
  override readonly name = 'ConsulRefusal';

  constructor(
    readonly status: number,
    body: string,
  ) {
    super(`Consul answered ${status}: ${body.trim() || 'no text'}`);
  }
}

/** Consul refuses one operation because the token may not do it: reported as a 409 like an error in the data. */
export class ConsulDenial extends Error {
  override readonly name = 'ConsulDenial';
}

/** The denial that the text of an operation's error tells of, if it does. */
export function asDenial(what: string): ConsulDenial | undefined {
  return /permission denied|acl not found/i.test(what) ? new ConsulDenial(what) : undefined;
}
