#!/usr/bin/env bash
# `npm run check-chart`: lints the Helm chart and renders it with each of its ci/*-values.yaml. What comes out is committed, in test/ops/chart,
# in one order and one way to write YAML, where a unit test reads it: here it must not differ. --write writes it anew. Exit status 75: helm cannot be had, so nothing was checked.
# helm is $HELM, or the one on the PATH, or built once by Go into the cache of stack/, within HELM_BUILD_SECONDS (240).
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
HELM_VERSION=v3.18.6
CHART=$ROOT/ops/helm/rollcall
RENDERED=$ROOT/test/ops/chart
CACHE=${ROLLCALL_STACK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/rollcall-stack}
NOT_POSSIBLE=75

find_helm() {
  local built=$CACHE/helm-$HELM_VERSION/helm
  if [ -n "${HELM:-}" ]; then echo "$HELM"; return; fi
  if command -v helm; then return; fi
  [ -x "$built" ] || build_helm "$(dirname "$built")" >&2 || return 1
  echo "$built"
}

build_helm() {
  command -v go >/dev/null || { echo "neither helm nor go is on the PATH"; return 1; }
  echo "building helm $HELM_VERSION, once"
  mkdir -p "$1"
  # What is compiled by then stays in Go's own cache, so the next attempt is shorter.
  GOBIN=$1 GOFLAGS=-buildvcs=false CGO_ENABLED=0 nice timeout "${HELM_BUILD_SECONDS:-240}" go install -ldflags='-s -w' "helm.sh/helm/v3/cmd/helm@$HELM_VERSION"
}

helm=$(find_helm) || {
  echo "The chart was NOT CHECKED: helm $HELM_VERSION cannot be had here. HELM names a binary to use."
  exit "$NOT_POSSIBLE"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for values in "$CHART"/ci/*-values.yaml; do
  name=$(basename "$values" -values.yaml)
  "$helm" lint --strict --quiet "$CHART" --values "$values" || failed=1
  "$helm" template rollcall "$CHART" --namespace fleet --values "$values" --kube-version 1.31.0 |
    node "$ROOT/scripts/chart-manifests.mjs" >"$work/$name.yaml" || failed=1
done

# What has to be refused, and by which words.
refuses() { # WORDS SET...
  local words=$1 said
  shift
  if said=$("$helm" template rollcall "$CHART" --kube-version 1.31.0 --values "$CHART/ci/all-in-one-values.yaml" "$@" 2>&1); then
    echo "the chart takes $*, which it should refuse"; failed=1
  elif [[ $said != *"$words"* ]]; then
    echo "the chart refuses $*, but not for '$words': $said"; failed=1
  fi
}
refuses 'KAFKA_BROKERS' --set config.KAFKA_BROKERS=
refuses 'DATABASE_URL' --set config.DATABASE_URL=postgres://a/b
refuses '/image/tag' --set image.tag=latest
refuses 'so some would have no work' --set deployments.all.replicas=7
refuses 'migration.existingSecret is empty' --set migration.existingSecret=
refuses 'prometheusRule.rules is empty' --set prometheusRule.enabled=true
refuses 'mispelt' --set mispelt=1

if [ "${1:-}" = --write ]; then
  mkdir -p "$RENDERED"
  cp "$work"/*.yaml "$RENDERED/"
elif ! diff -ru "$RENDERED" "$work"; then
  echo "What the chart renders is not what is committed: npm run check-chart -- --write, and read the diff."
  failed=1
fi
[ "$failed" = 0 ] && echo "The chart is in order: $(find "$work" -name '*.yaml' | wc -l) renderings."
exit "$failed"
