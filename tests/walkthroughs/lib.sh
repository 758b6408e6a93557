# Shared by the walkthroughs: every step is a test of its own and prints "ok - NAME" or "not ok - NAME" with what was run and seen.
# A walkthrough is the documents' own sequence of commands; it stops at the first step that the rest needs.
set -uo pipefail

KOBUNE=${KOBUNE:-./kobune}
KUBECTL=${KUBECTL:-kubectl}
STEP_LOG=$(mktemp)
export NO_PROXY="*" no_proxy="*"

# step NAME COMMAND...: passes when the command does; its output is in $OUT.
step() {
  local name=$1; shift
  local from=$SECONDS
  if "$@" >"$STEP_LOG" 2>&1; then
    OUT=$(cat "$STEP_LOG"); echo "ok - $name ($((SECONDS - from)) s)"
  else
    local rc=$?
    OUT=$(cat "$STEP_LOG"); echo "not ok - $name"; echo "    ran: $*"; echo "    exit code $rc, output:"; sed 's/^/    | /' "$STEP_LOG" | tail -n 40
    return 1
  fi
}

# need NAME COMMAND...: a step without which the walk cannot go on.
need() { step "$@" || { on_failure; exit 1; }; }

# expect NAME PATTERN: the last output has a line that matches.
expect() {
  if grep -Eq -- "$2" <<<"$OUT"; then echo "ok - $1"; else echo "not ok - $1"; echo "    no line matches: $2"; sed 's/^/    | /' <<<"$OUT" | tail -n 40; return 1; fi
}

# within SECONDS COMMAND...: runs the command until it passes; fails with its last output.
within() {
  local until=$((SECONDS + $1)); shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || { echo "still failing after the time given: $*"; return 1; }
    sleep 0.2
  done
}

# untroubled: the nodes of this home have warned of nothing and failed in nothing that was not asked of them.
untroubled() { ! cat "$KOBUNE_HOME"/machines/*/disk/var-lib-kobune/logs/node.log | grep -E ' (warn|fail|crit): ' | cut -c1-400 | grep .; }

on_failure() { :; }
