#!/usr/bin/env bash
# Makes the released program: dist/kobune-VERSION-linux-ARCH.tar.gz for each architecture, and dist/SHA256SUMS.
# ./dist.sh [x64|arm64|testing]...   without an argument: all; testing is the NuGet package dist/Kobune.Testing.VERSION.nupkg
# An archive has one folder, kobune/, with the program and what it loads: it needs no .NET, no libicu and no tzdata on the machine.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ $# -gt 0 ] || set -- x64 arm64 testing
version=$(sed -nE 's/.*<Version>(.*)<\/Version>.*/\1/p' Directory.Build.props)
case $(uname -m) in aarch64 | arm64) here=arm64 ;; *) here=x64 ;; esac
mkdir -p dist
for arch; do
  case $arch in
    x64 | arm64) ;;
    testing) echo "* Packing Kobune.Testing v$version ..."; dotnet pack src/Kobune.Testing -c Release -o dist -v q -clp:NoSummary; continue ;;
    *) echo "unknown architecture: $arch (x64, arm64 and testing are made)" >&2; exit 14 ;;
  esac
  work=$(mktemp -d dist/.work.XXXXXX); trap 'rm -rf "$work"' EXIT
  echo "* Building Kobune v$version for linux-$arch ..."
  if [ "$arch" = "$here" ]; then
    ./kobune version >/dev/null && cp -r artifacts/publish/kobune "$work/" # the same build that ./kobune runs
  else
    dotnet publish src/Kobune.Cli -c Release -r "linux-$arch" -o "$work/kobune" -v q -clp:NoSummary
  fi
  rm -f "$work"/kobune/*.pdb "$work"/kobune/.stamp
  # The same sources give the same archive: fixed order, owner and time.
  tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" -cf - kobune | gzip -n -6 > "dist/kobune-v$version-linux-$arch.tar.gz"
  rm -rf "$work"
done
cd dist && find . -maxdepth 1 \( -name '*.tar.gz' -o -name '*.nupkg' \) | sort | xargs sha256sum | sed 's|\./||' > SHA256SUMS && cat SHA256SUMS
