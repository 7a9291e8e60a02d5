# shellcheck shell=bash
# Settings and small words that all parts share.

# Root's PostgreSQL runs as another user, who can't enter /root: hence a folder outside of home. Named after the checkout,
# so that two of them never share their data.
default_data() {
  local base
  if [ "$(id -u)" = 0 ]; then base=/var/lib; else base=${XDG_STATE_HOME:-${HOME:?}/.local/state}; fi
  echo "$base/rollcall-stack/$(basename "$PROJECT")-$(printf %s "$PROJECT" | sha256sum | cut -c1-8)"
}
DATA=$(realpath -m "${ROLLCALL_STACK_DATA:-$(default_data)}")
DATA+=${SECURED:+-secured}
CACHE=$(realpath -m "${ROLLCALL_STACK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/rollcall-stack}")

say() { echo "stack: $*" >&2; }
die() { say "$*"; exit 1; }
bad_usage() { say "$*; see --help"; exit 2; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f s", b - a }'; }
export_line() { printf 'export %s=%q\n' "$1" "$2"; }
port_of() { local v=${1^^}_PORT; echo "${!v}"; }
# port_setting NAME DEFAULT [ROOM]: the port from the environment, with ROOM more ports behind it
port_setting() {
  local name=ROLLCALL_STACK_${SECURED:+SECURED_}$1_PORT value
  value=${!name:-$2}
  if ! [[ $value =~ ^[1-9][0-9]{0,4}$ ]] || [ $((value + ${3:-0})) -gt 65535 ]; then bad_usage "$name is not a port: '$value'"; fi
  echo "$value"
}

# by_kind PORT PORT: the first, or with --secured the second
by_kind() { if [ -n "$SECURED" ]; then echo "$2"; else echo "$1"; fi; }

# Makes the data folder and lets one command at a time work on it. The lock ends with this process.
open_data() {
  mkdir -p "$DATA" || die "cannot make $DATA; ROLLCALL_STACK_DATA names another folder"
  exec 9<"$DATA"
  flock -n 9 || { say "waiting for another command on $DATA"; flock 9; }
}
