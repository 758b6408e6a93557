#!/usr/bin/env bash
# A Go program on client-go (informers, protobuf, streaming lists) against a cluster of its own. Left out where Debian sid cannot be reached.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=clientgo
trap '"$KOBUNE" delete >/dev/null 2>&1; rm -rf "$work" "$STEP_LOG"' EXIT
on_failure() { "$KOBUNE" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'; }

driver=artifacts/client-go/driver
tests/clients/go/build.sh "$driver" >"$STEP_LOG" 2>&1
case $? in
  0) echo "ok - the program builds" ;;
  3) echo "ok - client-go cannot be had here: $(tail -n 1 "$STEP_LOG")"; exit 0 ;;
  *) echo "not ok - the program builds"; cat "$STEP_LOG"; exit 1 ;;
esac
need "start" "$KOBUNE" start
"$driver" "$KUBECONFIG" || { on_failure; exit 1; }
