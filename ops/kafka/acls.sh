#!/usr/bin/env bash
# Grants a user what some roles need, as ops/kafka/acls.txt lists it.
#
#   BOOTSTRAP=kafka:9092 COMMAND_CONFIG=admin.properties ops/kafka/acls.sh User:rollcall all orchestrator reducer consul postgres heartbeats snapshots api
#
# TOPIC_PREFIX (dev.onex), KAFKA_GROUP_PREFIX (bridge-registry-group) and NODE_GROUP_PREFIX (rollcall-) stand in for the words in
# braces; KAFKA_ACLS is Kafka's own script. With DRY_RUN=1 the commands are only printed.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PRINCIPAL=$1
shift

run() { if [ -n "${DRY_RUN:-}" ]; then echo "$*"; else "$@" </dev/null; fi; }

for role in "$@"; do
  lines=$(awk -v role="$role" '$1 == role' "$HERE/acls.txt")
  [ -n "$lines" ] || { echo "no such role: $role" >&2; exit 2; }
  while read -r _ operations kind pattern name; do
    name=${name//\{TOPIC_PREFIX\}/${TOPIC_PREFIX:-dev.onex}}
    name=${name//\{KAFKA_GROUP_PREFIX\}/${KAFKA_GROUP_PREFIX:-bridge-registry-group}}
    name=${name//\{NODE_GROUP_PREFIX\}/${NODE_GROUP_PREFIX:-rollcall-}}
    wanted=()
    for operation in ${operations//,/ }; do wanted+=(--operation "$operation"); done
    run "${KAFKA_ACLS:-kafka-acls.sh}" --bootstrap-server "${BOOTSTRAP:?the address of a broker}" \
      ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
      --add --allow-principal "$PRINCIPAL" "${wanted[@]}" "--$kind" "$name" --resource-pattern-type "$pattern"
  done <<<"$lines"
done
