import { SERVERS, troubleIn, type ServerName, type TroubleKind } from './trouble.js';

/** What a server is set up by: names of variables, and of the page with its privileges. */
type Names = {
  readonly server: string;
  readonly address: string;
  readonly ca: string;
  readonly certificate: string;
  readonly tls: string;
  readonly login: string;
  readonly privileges: string;
};

const database = (address: string): Names => ({
  server: 'the database',
  address,
  ca: `sslrootcert in ${address}`,
  certificate: `sslcert and sslkey in ${address}`,
  tls: `sslmode in ${address}`,
  login: `user and password in ${address}`,
  privileges: 'ops/postgres/grants.sql',
});

const NAMES: Readonly<Record<ServerName, Names>> = {
  kafka: {
    server: 'Kafka',
    address: 'KAFKA_BROKERS (and advertised.listeners of the brokers)',
    ca: 'KAFKA_SSL_CA_FILE',
    certificate: 'KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE',
    tls: 'KAFKA_SSL',
    login: 'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
    privileges: 'ops/kafka/acls.txt',
  },
  consul: {
    server: 'Consul',
    address: 'CONSUL_HTTP_ADDR (or CONSUL_TLS_SERVER_NAME)',
    ca: 'CONSUL_CACERT',
    certificate: 'CONSUL_CLIENT_CERT and CONSUL_CLIENT_KEY',
    tls: 'https:// in CONSUL_HTTP_ADDR',
    login: 'CONSUL_HTTP_TOKEN',
    privileges: 'ops/consul/policy.hcl',
  },
  state: database('DATABASE_URL'),
  postgres: database('REGISTRY_DATABASE_URL (or DATABASE_URL, where that is not set)'),
};

function adviceFor(kind: TroubleKind, names: Names): string {
  const { server, address, ca, certificate, tls, login, privileges } = names;
  switch (kind) {
    case 'untrusted':
      return `The certificate of ${server} is of an authority that we do not trust: see that ${ca} names a file with the certificate of that authority.`;
    case 'expired':
      return `The certificate of ${server} has expired, or a clock is wrong: renew it there; nothing has to be changed or restarted here.`;
    case 'wrong_name':
      return `The certificate of ${server} is for another name than the one that we call it by: see ${address}, or have the name put into the certificate.`;
    case 'no_tls_there':
      return `We speak TLS and ${server} does not, on that port: see the port, or ${tls}.`;
    case 'tls_wanted':
      return `${capital(server)} wants TLS on that port: see ${tls}.`;
    case 'certificate_wanted':
      return `${capital(server)} wants a certificate of ours that it trusts: see ${certificate}.`;
    case 'login_refused':
      return `${capital(server)} does not let us in: see ${login}.`;
    case 'login_wanted':
      return `${capital(server)} wants to know who we are: see ${login}.`;
    case 'denied':
      return `${capital(server)} knows us, but does not let us do that: grant what ${privileges} lists (docs/privileges.md).`;
    case 'no_coordinator':
      return `If this does not end soon, ${server} does not let us into that group: grant what ${privileges} lists (docs/privileges.md).`;
    case 'closed':
      return `If this does not end soon, ${server} may want TLS, a certificate of ours or a login on that port: see ${tls}; ${certificate}; ${login}.`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The text of a server's trouble, with what mends it where that is known. Other names than servers' have no advice. */
export function withAdvice(name: string, text: string): string {
  const server = SERVERS.find((one) => one === name);
  const kind = server === undefined ? null : troubleIn(server, text);
  if (server === undefined || kind === null) return text;
  const advice = adviceFor(kind, NAMES[server]);
  return text.includes(advice) ? text : `${text.replace(/\.$/, '')}. ${advice}`;
}
