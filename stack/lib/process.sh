# shellcheck shell=bash
# Starting, finding and ending the server processes. Each server has a folder $DATA/NAME with `pid`, `server.log`
# (`server.log.1` is the run before) and its data. `pid` holds the process id, its start time and its port: a process whose
# start time differs is somebody else's with a recycled id, and is never touched.

# starttime PID: in clock ticks since boot; nothing for a process that is gone, or dead with all its threads and not yet reaped
# (inside a container nobody may ever do that)
starttime() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra fields <<<"${stat##*) }" # the name before it may hold blanks
  if [ "${fields[0]}" = Z ] && [ "${fields[17]}" -le 1 ]; then return 1; fi
  echo "${fields[19]}"
}
same_process() { [ "$(starttime "$1")" = "$2" ]; }
pid_of() {
  local pid start _
  read -r pid start _ 2>/dev/null <"$DATA/$1/pid" && [ -n "$start" ] && same_process "$pid" "$start" && echo "$pid"
}
memory_mib() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$1/status"; }

# spawn NAME COMMAND...: in a session of its own, with nothing open but its log
spawn() {
  local name=$1 pid log=$DATA/$1/server.log
  shift
  [ ! -e "$log" ] || mv "$log" "$log.1"
  (
    cd /
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      [ "$fd" -le 2 ] || [ "$fd" = 255 ] || eval "exec $fd>&-"
    done
    exec setsid nohup "$@"
  ) </dev/null >"$log" 2>&1 &
  pid=$!
  disown "$pid"
  echo "$pid $(starttime "$pid") $(port_of "$name")" >"$DATA/$name/pid"
}

start_service() {
  local port
  for port in $("ports_$1"); do require_free_port "$port" "$1"; done
  mkdir -p "$DATA/$1"
  "start_$1"
}

wait_ready() { # NAME SECONDS
  local until=$((SECONDS + $2))
  while ! "ready_$1"; do
    pid_of "$1" >/dev/null || fail_with_log "$1" "died while starting"
    [ "$SECONDS" -lt "$until" ] || fail_with_log "$1" "is not ready after $2 s"
    sleep 0.1
  done
}
fail_with_log() {
  tail -n 20 "$DATA/$1/server.log" >&2
  die "$1 $2; its log is $DATA/$1/server.log"
}

wait_gone() { # PID STARTTIME SECONDS
  local i
  for ((i = 0; i < $3 * 20; i++)); do
    same_process "$1" "$2" || return 0
    sleep 0.05
  done
  return 1
}

# end_service NAME SIGNAL SECONDS: tells whether it took the signal in that time
end_service() {
  local pid start _
  read -r pid start _ <"$DATA/$1/pid"
  kill "-$2" "$pid" 2>/dev/null || true
  wait_gone "$pid" "$start" "$3"
}
stop_service() {
  local t
  t=$(now)
  if pid_of "$1" >/dev/null; then
    end_service "$1" "$(stop_signal_"$1")" 30 || {
      say "$1 did not stop within 30 s: kill -9"
      end_service "$1" KILL 10 || die "$1 would not die"
    }
    say "$1 is down after $(since "$t")"
  else
    say "$1 is not running"
  fi
  "bury_$1"
  rm -f "$DATA/$1/pid"
}
kill_service() {
  if pid_of "$1" >/dev/null; then
    end_service "$1" KILL 10 || die "$1 would not die"
    say "$1 is killed"
  else
    say "$1 is not running"
  fi
  "bury_$1"
  rm -f "$DATA/$1/pid"
}

# ---- ports
# Inodes of the sockets that listen on a port, from the kernel's own tables: `ss` is missing on a bare machine.
listeners() {
  awk -v port="$(printf ':%04X$' "$1")" '$2 ~ port && $4 == "0A" { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}
require_free_port() { # PORT NAME
  local inode pid who="a process"
  for inode in $(listeners "$1"); do
    pid=$(find /proc -maxdepth 3 -path '/proc/[0-9]*/fd/*' -lname "socket:\[$inode\]" 2>/dev/null | head -n 1 | cut -d/ -f3 || true)
    [ -z "$pid" ] || who="process $pid ($(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-120))"
    die "port $1 for $2 is taken by $who, which this stack did not start; ROLLCALL_STACK_${2^^}_PORT chooses another port"
  done
}
# A server that runs on another port than the one asked for would look dead: say what is the matter.
started_on() { cut -d' ' -f3 "$DATA/$1/pid"; }
check_same_port() {
  [ "$(started_on "$1")" = "$(port_of "$1")" ] ||
    die "$1 of $DATA is up on port $(started_on "$1"), not $(port_of "$1"): 'down $1' first, or ROLLCALL_STACK_DATA for a second stack"
}
