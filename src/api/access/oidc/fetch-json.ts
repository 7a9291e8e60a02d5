/** The provider, or what it answers, cannot be relied upon now. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';
}

export type FetchJson = (url: string) => Promise<unknown>;

const WITHIN_MS = 5000;
const MAX_BYTES = 512 * 1024;

/**
 * A document of the provider. It is asked at the URL that was configured or discovered and nowhere else, a redirection leads
 * nowhere; what comes late, is too long or is no JSON is as good as no answer. Throws {@link ProviderUnavailable}.
 */
export const fetchJson: FetchJson = async (url) => {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json, application/jwk-set+json' },
      redirect: 'error',
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    return JSON.parse(await textOf(response)) as unknown;
  } catch (error) {
    throw new ProviderUnavailable(`${url} gave no usable answer`, { cause: error });
  }
};

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}
