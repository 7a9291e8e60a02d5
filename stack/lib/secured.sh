# shellcheck shell=bash
# `--secured`: a stack beside the other one, which trusts nobody. Kafka takes only SASL_SSL from clients and has an authorizer, Consul
# only TLS with a client's certificate and denies what no policy allows, PostgreSQL only TLS with passwords. Users, certificates and
# passwords are made here; what the users may do is not: that is what ops/ and docs/privileges.md are about.
TLS=$DATA/tls
SECRETS=$DATA/secrets

secured() { [ -n "$SECURED" ]; }
secret() { cat "$SECRETS/$1"; }

# Once for a data folder.
make_secured() {
  [ ! -e "$SECRETS/made" ] || return 0
  command -v openssl >/dev/null || die "openssl is missing: it makes the certificates of --secured"
  mkdir -p "$TLS" "$SECRETS"
  chmod 700 "$SECRETS"
  make_authority
  make_certificate server 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  make_certificate client 'subjectAltName=DNS:rollcall'
  (cd "$TLS" && cat server.key server.crt >server.bundle.pem)
  local name
  for name in kafka-password kafka-api-password kafka-node-password owner-password app-password; do openssl rand -hex 16 >"$SECRETS/$name"; done
  for name in consul-token consul-admin-token; do cat /proc/sys/kernel/random/uuid >"$SECRETS/$name"; done
  database_url rollcall_app "$(secret app-password)" >"$SECRETS/database-url"
  database_url rollcall_owner "$(secret owner-password)" >"$SECRETS/owner-database-url"
  chmod 600 "$SECRETS"/*
  touch "$SECRETS/made"
}
make_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=rollcall stack' \
    -keyout "$TLS/ca.key" -out "$TLS/ca.pem" 2>"$TLS/openssl.log" || die "openssl failed; see $TLS/openssl.log"
}
make_certificate() { # NAME EXTENSION
  (
    cd "$TLS" &&
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" &&
      openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile <(echo "$2") -out "$1.crt"
  ) 2>>"$TLS/openssl.log" || die "openssl failed; see $TLS/openssl.log"
}
database_url() { # USER PASSWORD
  echo "postgres://$1:$2@127.0.0.1:$POSTGRES_PORT/rollcall?sslmode=verify-full&sslrootcert=$TLS/ca.pem"
}

# ---- Kafka: the port is for clients; the one after the controller's is for the administrator, and asks for nothing
secured_kafka_listeners() {
  cat <<PROPERTIES
listeners=CLIENT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$((KAFKA_PORT + 1)),ADMIN://127.0.0.1:$((KAFKA_PORT + 2))
advertised.listeners=CLIENT://127.0.0.1:$KAFKA_PORT,ADMIN://127.0.0.1:$((KAFKA_PORT + 2))
inter.broker.listener.name=ADMIN
listener.security.protocol.map=CLIENT:SASL_SSL,CONTROLLER:PLAINTEXT,ADMIN:PLAINTEXT
listener.name.client.ssl.keystore.type=PEM
listener.name.client.ssl.keystore.location=$TLS/server.bundle.pem
listener.name.client.ssl.truststore.type=PEM
listener.name.client.ssl.truststore.location=$TLS/ca.pem
listener.name.client.ssl.client.auth=requested
listener.name.client.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.client.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_rollcall="$(secret kafka-password)" user_api="$(secret kafka-api-password)" user_node="$(secret kafka-node-password)";
listener.name.client.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
PROPERTIES
}
secured_kafka_users() {
  local mechanism
  for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
    printf '%s\n' --add-scram "$mechanism=[name=rollcall,password=$(secret kafka-password)]" \
      --add-scram "$mechanism=[name=api,password=$(secret kafka-api-password)]" \
      --add-scram "$mechanism=[name=node,password=$(secret kafka-node-password)]"
  done
}
env_secured_kafka() {
  export_line KAFKA_SSL true
  export_line KAFKA_SSL_CA_FILE "$TLS/ca.pem"
  export_line KAFKA_SASL_MECHANISM scram-sha-512
  export_line KAFKA_SASL_USERNAME rollcall
  export_line KAFKA_SASL_PASSWORD_FILE "$SECRETS/kafka-password"
  export_line ROLLCALL_STACK_SECURED_KAFKA_ADMIN "127.0.0.1:$((KAFKA_PORT + 2))"
  export_line ROLLCALL_STACK_SECURED_KAFKA_API_PASSWORD_FILE "$SECRETS/kafka-api-password"
  export_line ROLLCALL_STACK_SECURED_KAFKA_NODE_PASSWORD_FILE "$SECRETS/kafka-node-password"
}

# ---- Consul
secured_consul_settings() { # VERSION-OF-1.11-OR-LATER
  cat <<JSON
  "ca_file": "$TLS/ca.pem", "cert_file": "$TLS/server.crt", "key_file": "$TLS/server.key", "verify_incoming_https": true,
  "acl": { "enabled": true, "default_policy": "deny",
    "tokens": { "$1": "$(secret consul-admin-token)", "agent": "$(secret consul-admin-token)" } },
JSON
}
secured_curl() { curl -s --noproxy '*' -m 2 --cacert "$TLS/ca.pem" --cert "$TLS/client.crt" --key "$TLS/client.key" "$@"; }
env_secured_consul() {
  export_line CONSUL_HTTP_ADDR "https://127.0.0.1:$CONSUL_PORT"
  export_line CONSUL_CACERT "$TLS/ca.pem"
  export_line CONSUL_CLIENT_CERT "$TLS/client.crt"
  export_line CONSUL_CLIENT_KEY "$TLS/client.key"
  export_line CONSUL_HTTP_TOKEN_FILE "$SECRETS/consul-token"
  export_line ROLLCALL_STACK_SECURED_CONSUL_ADMIN_TOKEN_FILE "$SECRETS/consul-admin-token"
}

# ---- PostgreSQL: its superuser comes in as in the other stack, for the administrator; everybody else by TLS and password
secured_postgres_files() { # FOLDER
  mkdir -p "$1/tls"
  cp "$TLS/server.crt" "$TLS/server.key" "$1/tls/"
  chmod 600 "$1/tls/server.key"
  [ "$(id -u)" != 0 ] || chown -R postgres: "$1/tls"
  cat >"$1/pg_hba.conf" <<HBA
host    all postgres 127.0.0.1/32 trust
hostssl all all      127.0.0.1/32 scram-sha-256
HBA
}
secured_postgres_settings() { # FOLDER
  printf '%s\n' ssl=on ssl_cert_file="$1/tls/server.crt" ssl_key_file="$1/tls/server.key" hba_file="$1/pg_hba.conf" shared_buffers=64MB
}
secured_postgres_roles() {
  local role
  for role in owner app; do
    [ "$(psql_postgres -c "select 1 from pg_roles where rolname = 'rollcall_$role'")" = 1 ] ||
      psql_postgres -c "create role rollcall_$role login password '$(secret "$role-password")'"
  done
}
env_secured_postgres() {
  export_line DATABASE_URL_FILE "$SECRETS/database-url"
  export_line ROLLCALL_STACK_SECURED_OWNER_URL_FILE "$SECRETS/owner-database-url"
  export_line ROLLCALL_STACK_SECURED_ADMIN_URL "postgres://postgres@127.0.0.1:$POSTGRES_PORT/rollcall"
}
