import { z } from 'zod';
import { ProviderUnavailable, type FetchJson } from './fetch-json.js';

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Where the provider's keys are, by its discovery document (OpenID Connect Discovery 1.0). Throws {@link ProviderUnavailable}. */
export async function locateKeys(issuer: string, fetchJson: FetchJson): Promise<string> {
  const found = discovery.safeParse(await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`));
  if (!found.success) throw new ProviderUnavailable(`the discovery document of ${issuer} is not one`);
  const { issuer: itself, jwks_uri: url } = found.data;
  // Another issuer's document would lead to another issuer's keys.
  if (itself !== issuer) throw new ProviderUnavailable(`the discovery document of ${issuer} is of another issuer`);
  if (new URL(url).protocol !== new URL(issuer).protocol) {
    throw new ProviderUnavailable(`the discovery document of ${issuer} leads to keys by another protocol`);
  }
  return url;
}
