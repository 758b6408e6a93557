#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test project, and ends with "N passed, N failed".
# ./test.sh [--fast]   --fast: only what needs no root and no containers
set -uo pipefail
cd "$(dirname "$0")"
fast=${1:-}
configuration=debug
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

dotnet build Kobune.slnx -v q -clp:NoSummary || { echo "the build failed" >&2; exit 1; }

passed=0 failed=0
results=artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
projects=$(ls tests/*/*.csproj | xargs -n1 basename -s .csproj)

run() { # one test project; its log is shown only when something failed
  local name=$1 log=$results/$1.log
  "artifacts/bin/$name/$configuration/$name" -noColor >"$log" 2>&1
  echo $? >"$results/$name.rc"
}
export -f run; export results configuration
printf '%s\n' $projects | xargs -P 2 -I{} bash -c 'run {}'

for name in $projects; do
  summary=$(grep -E "Total: [0-9]+" "$results/$name.log" | tail -1)
  total=$(sed -nE 's/.*Total: ([0-9]+).*/\1/p' <<<"$summary"); errors=$(sed -nE 's/.*Errors: ([0-9]+).*/\1/p' <<<"$summary"); bad=$(sed -nE 's/.*Failed: ([0-9]+).*/\1/p' <<<"$summary"); skipped=$(sed -nE 's/.*Skipped: ([0-9]+).*/\1/p' <<<"$summary")
  if [ -z "$total" ] || { [ "$(cat "$results/$name.rc")" != 0 ] && [ "$(( ${bad:-0} + ${errors:-0} ))" = 0 ]; }; then
    total=1 bad=1 errors=0 skipped=0 # the runner itself died
  fi
  bad=$((bad + errors)); passed=$((passed + total - bad - skipped)); failed=$((failed + bad))
  echo "$name: $((total - bad - skipped)) passed, $bad failed"
  [ "$bad" = 0 ] || grep -vE '^\s*$' "$results/$name.log" | tail -n 120
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
