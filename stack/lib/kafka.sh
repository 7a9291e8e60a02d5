# shellcheck shell=bash
# One Kafka broker that is its own controller (KRaft). Its jars come through Maven: a broker is a Java class.
KAFKA_VERSION=3.9.1
KAFKA_PORT=$(port_setting KAFKA "$(by_kind 29092 39092)" "$(by_kind 1 2)")
KAFKA_HEAP=${ROLLCALL_STACK_KAFKA_HEAP:-$(by_kind '-Xms256m -Xmx768m' '-Xms128m -Xmx384m')}
KAFKA_JARS=$CACHE/kafka-$KAFKA_VERSION

packages_kafka() {
  command -v java >/dev/null || echo openjdk-17-jre-headless
  [ -e "$KAFKA_JARS" ] || command -v mvn >/dev/null || echo maven
  ! secured || command -v openssl >/dev/null || echo openssl
}
install_kafka() { fetch "kafka-$KAFKA_VERSION"; }
fetch_kafka() {
  cat >"$1/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>rollcall.stack</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$KAFKA_VERSION</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
  mvn -B -q -ntp -f "$1/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$2"
}

ports_kafka() { echo "$KAFKA_PORT $((KAFKA_PORT + 1))$(by_kind '' " $((KAFKA_PORT + 2))")"; }
env_kafka() {
  export_line KAFKA_BROKERS "127.0.0.1:$KAFKA_PORT"
  if secured; then env_secured_kafka; return; fi
  export_line ROLLCALL_STACK_KAFKA_PORT "$KAFKA_PORT"
}

start_kafka() {
  local folder=$DATA/kafka heap
  kafka_properties "$folder" >"$folder/server.properties"
  if [ ! -e "$folder/data/meta.properties" ]; then
    format_kafka "$folder"
  elif [ "$(cat "$folder/version")" != "$KAFKA_VERSION" ]; then
    die "$folder was made by Kafka $(cat "$folder/version"), not $KAFKA_VERSION: 'wipe kafka' first"
  fi
  read -ra heap <<<"$KAFKA_HEAP"
  spawn kafka java "${heap[@]}" -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -Djava.awt.headless=true \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true \
    -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
    -cp "$KAFKA_JARS/*" kafka.Kafka "$folder/server.properties"
}
kafka_properties() {
  cat <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((KAFKA_PORT + 1))
controller.listener.names=CONTROLLER
$(if secured; then secured_kafka_listeners; else kafka_listeners; fi)
log.dirs=$1/data
num.network.threads=2
num.io.threads=4
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
log.retention.hours=24
# Whoever uses a topic makes it: a typing error is an error
auto.create.topics.enable=false
# The only member of a group need not wait for others
group.initial.rebalance.delay.ms=0
# After kill -9 the new broker is refused (DUPLICATE_BROKER_REGISTRATION) until the old one's session has run out, and asks
# again after 0.4, 0.8, 1.6, 3.2 s. With the default of 9 s a restart takes 15 s, with 5 s it takes 8 s; with less, a machine that
# stands still for a moment costs the broker its partitions.
broker.session.timeout.ms=5000
broker.heartbeat.interval.ms=500
PROPERTIES
}
kafka_listeners() {
  cat <<PROPERTIES
listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$((KAFKA_PORT + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
PROPERTIES
}
format_kafka() {
  local id users=()
  ! secured || mapfile -t users < <(secured_kafka_users)
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | tr -d '=')
  rm -rf "$1/data"
  java -Xmx256m -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$KAFKA_JARS/*" kafka.tools.StorageTool format -t "$id" \
    "${users[@]}" \
    -c "$1/server.properties" >"$1/format.log" 2>&1 || { tail -n 20 "$1/format.log" >&2; die "formatting Kafka's data folder failed"; }
  echo "$KAFKA_VERSION" >"$1/version"
}

# The broker opens its port before it serves; this line comes when the controller has let it in.
ready_kafka() { grep -qs 'Kafka Server started' "$DATA/kafka/server.log" && [ -n "$(listeners "$KAFKA_PORT")" ]; }
settle_kafka() { :; }
stop_signal_kafka() { echo TERM; }
bury_kafka() { :; }
