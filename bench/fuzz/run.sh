#!/usr/bin/env bash
# bench/fuzz/run.sh [seconds]: hostile input for every decoder, so many seconds each (600): bodies in JSON, YAML and protobuf, patches, paths and queries, selectors,
# quantities, CEL, SPDY and WebSocket frames; then generated objects of every kind through all encodings, and server-side apply. Seeds come from the clock; what fails
# says its seed (KOBUNE_FUZZ_SEED repeats it). ./test.sh runs the same with fixed seeds for some seconds.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
dotnet build tests/Kobune.ApiServer.Tests -c Release -v q -clp:NoSummary
dotnet build tests/Kobune.Api.Tests -c Release -v q -clp:NoSummary
KOBUNE_FUZZ_SECONDS=$seconds artifacts/bin/Kobune.ApiServer.Tests/release/Kobune.ApiServer.Tests -class '*.Hostile.*'
KOBUNE_PROPERTY_SEED=$RANDOM KOBUNE_PROPERTY_CASES=$((seconds / 10 + 1)) artifacts/bin/Kobune.Api.Tests/release/Kobune.Api.Tests -class '*.Generated.*'
KOBUNE_PROPERTY_SEED=$RANDOM KOBUNE_PROPERTY_CASES=$((seconds / 10 + 1)) artifacts/bin/Kobune.ApiServer.Tests/release/Kobune.ApiServer.Tests -class '*.Generated.*'
