#!/usr/bin/env bash
# The released archive on a machine that has no .NET, no libicu and no tzdata: they are hidden in a mount namespace of this script's own.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh
[ "${HIDDEN:-}" ] || HIDDEN=1 exec unshare --mount --propagation slave bash "$0"

PROFILE=${PROFILE:-released}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE
case $(uname -m) in aarch64 | arm64) arch=arm64 ;; *) arch=x64 ;; esac

finish() {
  "$KOBUNE" delete >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT

need "the archive is made" ./dist.sh $arch
need "its checksum holds" bash -c 'cd dist && sha256sum -c SHA256SUMS'
need "it unpacks" tar -C "$work" -xzf dist/kobune-v*-linux-$arch.tar.gz
step "it holds the program and its library" ls "$work/kobune" && step "and no more" test "$OUT" = $'kobune\nlibe_sqlite3.so'
KOBUNE=$work/kobune/kobune

hide() { # each file or folder is covered by an empty one, until this namespace ends
  local it empty=/mnt/empty nothing=/mnt/nothing
  mount -t tmpfs hidden /mnt && mkdir "$empty" && : > "$nothing" || return
  for it in "$(dirname "$(readlink -f "$(command -v dotnet)")")" /usr/share/zoneinfo "$HOME/.nuget"; do [ ! -d "$it" ] || mount --bind "$empty" "$it" || return; done
  find / -xdev -name 'libicu*.so*' -not -path '/proc/*' 2>/dev/null | while read -r it; do mount --bind "$nothing" "$(readlink -f "$it")" 2>/dev/null || true; done
  [ -z "$(ls /usr/share/zoneinfo 2>/dev/null)" ] && ! dotnet --version
}
step "the SDK, libicu and tzdata are hidden" hide
step "version" "$KOBUNE" version && expect "says its own" "^kobune version: v[0-9]"
unset DOTNET_ROOT
need "start" "$KOBUNE" start
step "the node is Ready" bash -c "kubectl get nodes | grep -w Ready"
own_libraries() { # the node process loads no libicu
  local pid; pid=$(pgrep -f "kobune node --config" | while read -r p; do grep -q "$PROFILE" "/proc/$p/mountinfo" && echo "$p"; done | head -n 1)
  [ -n "$pid" ] && ! grep libicu "/proc/$pid/maps"
}
step "the node process loads no libicu" own_libraries
step "status" "$KOBUNE" status
need "delete" "$KOBUNE" delete
