import type { ConsulFacts } from '../../registry-effect/index.js';
import { fail, judged, some, warn, type Finding } from './finding.js';

/** Consul, as far as a registry rests on it. Decides alone. */
export function judgeConsul({ leader, acl, rights }: ConsulFacts, hasToken: boolean): readonly Finding[] {
  const denied = rights
    .filter(({ isAllowed }) => !isAllowed)
    .map(({ resource, name }) => `${resource}:write on ${name}`);
  return [
    ...judged('consul.leader', `Consul answers, and ${leader} leads`, [
      leader === '' &&
        fail('consul.leader', {
          what: 'Consul has no leader',
          why: 'It takes no writes until it has one: records of nodes wait in the log.',
          mend: 'See that a majority of its servers runs, and that they reach each other.',
        }),
    ]),
    ...judged('consul.acl', ACL_FINE[acl], [
      acl === 'unknown_token' &&
        fail('consul.acl', {
          what: 'Consul does not know the token in CONSUL_HTTP_TOKEN',
          why: 'Every write is refused, and the breaker stays open: nobody finds the nodes.',
          mend: 'Make a token with the policy of docs/operations.md (consul acl token create), and set it.',
        }),
      denied.length > 0 &&
        fail('consul.acl', {
          what: `the ${hasToken ? 'token' : 'anonymous token'} may not: ${some(denied)}`,
          why: 'Every write is refused, and the breaker stays open: nobody finds the nodes.',
          mend: `Give the token a policy with node_prefix and service_prefix "onex-" at "write"${hasToken ? '' : ', and set it as CONSUL_HTTP_TOKEN'}.`,
        }),
      acl === 'off' &&
        hasToken &&
        warn('consul.acl', {
          what: 'CONSUL_HTTP_TOKEN is set, and Consul has ACLs switched off',
          why: 'It protects nothing: whoever reaches Consul may write there.',
          mend: 'Enable ACLs in Consul, or leave the variable out.',
        }),
    ]),
  ];
}

const ACL_FINE: Readonly<Record<ConsulFacts['acl'], string>> = {
  off: 'ACLs are off: everybody may write',
  on: 'the token may write nodes and services',
  untold: 'this Consul does not tell what the token may; a refusal would show in /health',
  unknown_token: '',
};
