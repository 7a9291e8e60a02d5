# shellcheck shell=bash
# One Consul server. Debian 12 has no package of it, so it is taken from Debian 11's (1.8.7), unpacked and not installed.
# ROLLCALL_STACK_CONSUL_BIN names another binary.
CONSUL_PORT=$(port_setting CONSUL "$(by_kind 28500 38500)" 2)
CONSUL_BIN=${ROLLCALL_STACK_CONSUL_BIN:-$CACHE/consul-debian11/consul}

packages_consul() { command -v curl >/dev/null || echo curl; }
install_consul() {
  [ -x "$CONSUL_BIN" ] && return
  [ -z "${ROLLCALL_STACK_CONSUL_BIN:-}" ] || die "ROLLCALL_STACK_CONSUL_BIN is no program: $CONSUL_BIN"
  command -v apt-get >/dev/null || die "no apt-get to fetch Consul with: ROLLCALL_STACK_CONSUL_BIN names a consul binary to use"
  fetch consul-debian11
}
# The source is this machine's own Debian source with the release changed, with lists and cache of its own: the machine's
# apt is left as it is. Works without root.
fetch_consul() {
  local work=$1 out=$2 options
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  bullseye_source "$work/debian11"
  options=(-qq -o Dir::Etc::sourcelist="$(ls "$work"/debian11.*)" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root)
  cd "$work" || return
  apt-get "${options[@]}" update && apt-get "${options[@]}" download consul &&
    dpkg -x consul_*.deb root && install -m 755 root/usr/bin/consul "$out/consul"
}
bullseye_source() {
  local deb822=/etc/apt/sources.list.d/debian.sources
  if [ -r "$deb822" ]; then
    awk 'BEGIN { RS = "" } !/security/ { print; exit }' "$deb822" | grep -v '^#' |
      sed -e 's/^Suites:.*/Suites: bullseye/' -e 's/^Components:.*/Components: main/' >"$1.sources"
  else
    grep -hE '^deb .* bookworm main' /etc/apt/sources.list | head -n 1 | sed -E 's/ bookworm main.*/ bullseye main/' >"$1.list"
  fi
}

ports_consul() { echo "$CONSUL_PORT $((CONSUL_PORT + 1)) $((CONSUL_PORT + 2))"; }
env_consul() {
  if secured; then env_secured_consul; return; fi
  export_line CONSUL_HTTP_ADDR "http://127.0.0.1:$CONSUL_PORT"
  export_line ROLLCALL_STACK_CONSUL_PORT "$CONSUL_PORT"
}

start_consul() {
  local folder=$DATA/consul grpc_tls='' rejoin='' http='"http": '"$CONSUL_PORT" token=master more=''
  # From 1.15 on it opens one more port, and refuses to start when it was off for a week; earlier ones refuse these words
  if printf '1.15\n%s\n' "$("$CONSUL_BIN" version | sed -n 's/^Consul v//p')" | sort -CV; then
    grpc_tls=', "grpc_tls": -1' rejoin='"server_rejoin_age_max": "87600h",' token=initial_management
  fi
  if secured; then http='"http": -1, "https": '"$CONSUL_PORT" more=$(secured_consul_settings "$token"); fi
  cat >"$folder/agent.json" <<JSON
{
  "server": true, "bootstrap_expect": 1, "datacenter": "dc1", "node_name": "rollcall-stack",
  "data_dir": "$folder/data", "bind_addr": "127.0.0.1", "client_addr": "127.0.0.1",
  "ports": { $http, "server": $((CONSUL_PORT + 1)), "serf_lan": $((CONSUL_PORT + 2)), "serf_wan": -1, "dns": -1, "grpc": -1$grpc_tls },
  $more
  $rejoin "performance": { "raft_multiplier": 1 }, "connect": { "enabled": false }, "disable_update_check": true,
  "leave_on_terminate": false, "skip_leave_on_interrupt": true, "log_level": "warn"
}
JSON
  spawn consul "$CONSUL_BIN" agent -config-file="$folder/agent.json"
}
# A consistent read is answered only by a leader that has settled in; it is known earlier.
ready_consul() {
  if secured; then secured_curl -f -o /dev/null -H "X-Consul-Token: $(secret consul-admin-token)" "https://127.0.0.1:$CONSUL_PORT/v1/acl/token/self"; return; fi
  [ "$(curl -s --noproxy '*' -m 2 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$CONSUL_PORT/v1/catalog/service/none?consistent" || true)" = 200 ]
}
settle_consul() { :; }
stop_signal_consul() { echo TERM; }
bury_consul() { :; }
