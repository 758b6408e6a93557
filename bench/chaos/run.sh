#!/bin/sh
# The chaos test at length: random changes, stops, faults and lost nodes, and then everything as declared.
# Usage: bench/chaos/run.sh [STEPS] [SEED]        10000 and 7 when not said. KOBUNE_CHAOS_TIMELINE names a file for what happened, should it fail.
set -eu
cd "$(dirname "$0")/../.."
dotnet build tests/Kobune.Testing.Tests -c release -v q -nologo
KOBUNE_CHAOS_STEPS="${1:-10000}" KOBUNE_CHAOS_SEED="${2:-7}" exec artifacts/bin/Kobune.Testing.Tests/release/Kobune.Testing.Tests -noColor -class '*.ChaosTests'
