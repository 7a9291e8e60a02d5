# shellcheck shell=bash
# What comes from Debian 12's own packages.

# need_packages SERVICE...: one apt run for whatever the servers asked for lack; without root, the command to run
need_packages() {
  local s t log missing=()
  # shellcheck disable=SC2207 # package names hold no blanks
  missing=($(for s in "$@"; do "packages_$s"; done | sort -u))
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "missing: ${missing[*]}. Install them as root, then repeat this command:"
    die "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  fi
  t=$(now)
  say "installing ${missing[*]} (apt)"
  # Debian would otherwise make, and start, a PostgreSQL cluster of its own
  if [[ " ${missing[*]} " == *" postgresql-15 "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  log=$( (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Options::=--force-confold "${missing[@]}") 2>&1) || { say "$log"; die "apt-get failed"; }
  say "installed in $(since "$t")"
}

# fetch NAME: lets fetch_NAME fill an empty folder, which becomes $CACHE/NAME when it is whole. One at a time.
fetch() {
  [ -e "$CACHE/$1" ] && return
  local t work
  t=$(now)
  mkdir -p "$CACHE"
  exec 8<"$CACHE"
  flock 8
  if [ ! -e "$CACHE/$1" ]; then
    say "fetching $1"
    rm -rf "$CACHE"/.fetch-* # left by one that was interrupted
    work=$(mktemp -d "$CACHE/.fetch-XXXXXX")
    mkdir "$work/out"
    ("fetch_${1%%-*}" "$work" "$work/out") >"$work/log" 2>&1 || {
      tail -n 20 "$work/log" >&2
      rm -rf "$work"
      die "fetching $1 failed"
    }
    mv "$work/out" "$CACHE/$1"
    rm -rf "$work"
    say "fetched $1 in $(since "$t"), $(du -sh "$CACHE/$1" | cut -f1)"
  fi
  exec 8<&-
}
