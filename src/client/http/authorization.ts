/** A bearer token, or who knows the present one: asked for each request. */
export type Token = string | (() => string | Promise<string>);

export async function authorization(token: Token | undefined): Promise<Readonly<Record<string, string>>> {
  if (token === undefined) return {};
  return { authorization: `Bearer ${typeof token === 'string' ? token : await token()}` };
}
