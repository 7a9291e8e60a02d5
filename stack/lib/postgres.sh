# shellcheck shell=bash
# PostgreSQL 15 from Debian 12, with a cluster of its own. It refuses to run as root, so root hands it to user `postgres`.
# ROLLCALL_STACK_POSTGRES_BIN names the programs' folder of another installation.
POSTGRES_PORT=$(port_setting POSTGRES "$(by_kind 25432 35432)")
POSTGRES_BIN=${ROLLCALL_STACK_POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
POSTGRES_SETTINGS=(
  listen_addresses=127.0.0.1 port="$POSTGRES_PORT"
  unix_socket_directories= # a socket's path is limited to 107 bytes; clients here use TCP
  fsync=on synchronous_commit=on full_page_writes=on # as in production: crash tests and figures rest on it
  shared_buffers=1GB max_wal_size=4GB max_connections=200
)

packages_postgres() { [ -x "$POSTGRES_BIN/initdb" ] || [ -n "${ROLLCALL_STACK_POSTGRES_BIN:-}" ] || echo postgresql-15; }
install_postgres() { [ -x "$POSTGRES_BIN/initdb" ] || die "ROLLCALL_STACK_POSTGRES_BIN has no initdb: $POSTGRES_BIN"; }
ports_postgres() { echo "$POSTGRES_PORT"; }
env_postgres() {
  if secured; then env_secured_postgres; return; fi
  export_line DATABASE_URL "postgres://postgres@127.0.0.1:$POSTGRES_PORT/rollcall"
  export_line ROLLCALL_STACK_POSTGRES_PORT "$POSTGRES_PORT"
}

as_postgres() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi; }

start_postgres() {
  local folder=$DATA/postgres setting argv=()
  bury_postgres
  as_postgres test -x "$folder" ||
    die "user postgres can't enter $folder; ROLLCALL_STACK_DATA has to name a folder that it can (or run the stack without root)"
  [ -e "$folder/data" ] || init_postgres "$folder"
  if secured; then
    secured_postgres_files "$folder"
    mapfile -t -O "${#POSTGRES_SETTINGS[@]}" POSTGRES_SETTINGS < <(secured_postgres_settings "$folder")
  fi
  for setting in "${POSTGRES_SETTINGS[@]}"; do argv+=(-c "$setting"); done
  argv=("$POSTGRES_BIN/postgres" -D "$folder/data" "${argv[@]}")
  # setpriv replaces itself, so the process id kept is the postmaster's own
  if [ "$(id -u)" = 0 ]; then argv=(setpriv --reuid=postgres --regid=postgres --init-groups "${argv[@]}"); fi
  spawn postgres "${argv[@]}"
}
init_postgres() {
  rm -rf "$1/data.new"
  mkdir -m 700 "$1/data.new"
  [ "$(id -u)" != 0 ] || chown postgres: "$1/data.new"
  (cd / && as_postgres "$POSTGRES_BIN/initdb" -D "$1/data.new" -U postgres -A trust -E UTF8 --locale=C.UTF-8) >"$1/initdb.log" 2>&1 ||
    { tail -n 20 "$1/initdb.log" >&2; die "initdb failed"; }
  mv "$1/data.new" "$1/data"
}

ready_postgres() { "$POSTGRES_BIN/pg_isready" -q -h 127.0.0.1 -p "$POSTGRES_PORT" -d postgres -U postgres; }
psql_postgres() { "$POSTGRES_BIN/psql" -XqAt -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d postgres "$@"; }
settle_postgres() {
  ! secured || secured_postgres_roles
  [ "$(psql_postgres -c "select 1 from pg_database where datname = 'rollcall'")" = 1 ] ||
    psql_postgres -c "create database rollcall $(by_kind '' 'owner rollcall_owner')"
}
stop_signal_postgres() { echo INT; } # "fast": ends sessions instead of waiting for them

# The postmaster's children outlive a kill -9: for a moment, or for as long as a busy one's query takes. A new postmaster can't
# start before they are gone; nor while the dead one's id is in its lock file and nobody has reaped it.
bury_postgres() {
  local left i lock=$DATA/postgres/data/postmaster.pid postmaster=none
  [ ! -e "$lock" ] || postmaster=$(head -n 1 "$lock")
  for ((i = 0; i < 100; i++)); do
    left=$(orphans_postgres)
    case " ${left//$'\n'/ } " in
    *" $postmaster "*) die "$DATA/postgres is served by process $postmaster, which this stack did not start" ;;
    esac
    if [ -z "$left" ]; then
      if [ -d "/proc/$postmaster" ] && ! starttime "$postmaster" >/dev/null; then rm -f "$lock"; fi
      return 0
    fi
    # shellcheck disable=SC2086 # several ids
    [ "$i" -lt 6 ] || kill -KILL $left 2>/dev/null || true
    sleep 0.05
  done
  die "server processes of PostgreSQL would not die: $left"
}
# Known by their name and their working directory, the cluster's. Looked up as the user they run as: root in a container may
# not look into others' /proc entries.
orphans_postgres() {
  local at
  [ -d "$DATA/postgres/data" ] || return 0
  cd /
  as_postgres find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$DATA/postgres/data" -printf '%h\n' 2>/dev/null | while read -r at; do
    if [ "$(cat "$at/comm" 2>/dev/null)" = postgres ]; then echo "${at#/proc/}"; fi
  done || true
}
