#!/usr/bin/env bash
# Makes the topics of Rollcall as an administrator, so that it needs no right to make any. One that is there stays as it is.
#
#   BOOTSTRAP=kafka:9092 COMMAND_CONFIG=admin.properties ops/kafka/topics.sh
#
# TOPIC_PREFIX (dev.onex), TOPIC_PARTITIONS (6) and REPLICATION_FACTOR (3) say which and how; KAFKA_TOPICS is Kafka's own script.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
settings=()
while read -r setting; do settings+=(--config "$setting"); done < <(sed -n 's/^# *\([a-z.]*=.*\)$/\1/p' "$HERE/topics.txt")
grep -v -e '^#' -e '^$' "$HERE/topics.txt" | while read -r topic own; do
  of_topic=("${settings[@]}")
  for setting in $own; do of_topic+=(--config "$setting"); done # the later one counts
  "${KAFKA_TOPICS:-kafka-topics.sh}" --bootstrap-server "${BOOTSTRAP:?the address of a broker}" \
    ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
    --create --if-not-exists --topic "${TOPIC_PREFIX:-dev.onex}.$topic" --partitions "${TOPIC_PARTITIONS:-6}" \
    --replication-factor "${REPLICATION_FACTOR:-3}" "${of_topic[@]}" </dev/null
done
