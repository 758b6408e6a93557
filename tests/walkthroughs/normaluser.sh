#!/usr/bin/env bash
# Requirement E6: a normal user with sudo rights runs everything; what is written belongs to that user; who has no rights gets one clear line.
# Runs as root, which makes the users "kaya" (may use sudo without a password), "mina" (with hers) and "nobody2" (may not) in copies of the files of /etc that go with this script.
# KOBUNE names the program, PROFILE the profile.
cd "$(dirname "$0")/../.." || exit 1
if [ "${1:-}" != inside ]; then
  exec unshare --mount --propagation slave "$0" inside
fi
. tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-normaluser}
work=$(mktemp -d)
chmod 755 "$work"
home=$work/kaya
finish() {
  as kaya "$kobune" delete --all >/dev/null 2>&1
  KOBUNE_HOME=$work/mina/.kobune "$kobune" delete --all >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() { as kaya "$kobune" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'; }
exits() { local code=$1; shift; "$@"; local rc=$?; [ "$rc" = "$code" ] || { echo "exit code $rc instead of $code"; return 1; }; }
lacks() { ! grep -Eq -- "$1" <<<"$OUT"; }

"$KOBUNE" version >/dev/null || exit 1 # builds it, when it is run from its sources
binary=${KOBUNE_BINARY:-artifacts/publish/kobune/kobune}
[ -x "$binary" ] || binary=$KOBUNE
kobune=$work/bin/kobune
mkdir "$work/bin" && cp -r "$(dirname "$(readlink -f "$binary")")/." "$work/bin/"

# Copies of single files over those of /etc: they go with this script.
mkdir "$work/etc"
for file in passwd group shadow sudoers; do cp -a "/etc/$file" "$work/etc/"; done
number=7301
for user in kaya nobody2 mina; do
  mkdir "$work/$user"
  echo "$user:x:$number:$number::$work/$user:/bin/bash" >>"$work/etc/passwd"
  echo "$user:x:$number:" >>"$work/etc/group"
  secret='*'; [ "$user" != mina ] || secret=$(openssl passwd -6 sesame)
  echo "$user:$secret:19000:0:99999:7:::" >>"$work/etc/shadow"
  chown "$number:$number" "$work/$user"
  number=$((number + 1))
done
echo "kaya ALL=(root) NOPASSWD: $kobune" >>"$work/etc/sudoers"
echo "mina ALL=(root) PASSWD: $kobune" >>"$work/etc/sudoers"
for file in passwd group shadow sudoers; do mount --bind "$work/etc/$file" "/etc/$file" || exit 1; done
# as USER COMMAND...: with no terminal and an environment of the user's own.
as() {
  local user=$1; shift
  setsid setpriv --reuid "$user" --regid "$user" --init-groups env -i HOME="$work/$user" USER="$user" LC_ALL=C.UTF-8 NO_PROXY="*" PATH=/usr/local/bin:/usr/bin:/bin KOBUNE_PROFILE="$PROFILE" "$@"
}
kaya() { as kaya "$kobune" "$@"; }
kubectl_() { as kaya "$(command -v "$KUBECTL")" "$@"; }
# Everything of the user's that is not the user's; the disks of machines are the nodes' own.
foreign() { find "$home/.kobune" "$home/.kube" \( -path '*/machines/*/disk' -o -path '*/machines/*/program' -o -path '*/profiles/*/build' \) -prune -o ! -user kaya -print; }
none_foreign() { local all; all=$(foreign); [ -z "$all" ] || { echo "$all"; return 1; }; }
# sudo writes to the log what it is asked: a stand-in before it counts the calls.
calls=$work/calls
mkdir "$work/spy" && printf '#!/bin/sh\necho "$*" >>%s\nexec /usr/bin/sudo "$@"\n' "$calls" >"$work/spy/sudo" && chmod 755 "$work/spy/sudo"
: >"$calls" && chmod 666 "$calls"
quiet() { # quiet COMMAND...: it must not have asked for sudo
  : >"$calls"
  as kaya env PATH="$work/spy:/usr/bin:/bin" "$kobune" "$@" || return 1
  [ ! -s "$calls" ] || { echo "asked sudo:"; cat "$calls"; return 1; }
}

echo "# a user without rights"
step "start is refused" exits 57 as nobody2 "$kobune" start && expect "in one line with its id" "DRV_NEEDS_ROOT: .*sudo" && expect "and the mend" "sudo -v.*sudo kobune start"
step "it says it once" test "$(grep -c . <<<"$OUT")" = 2
step "in Japanese too" exits 57 as nobody2 env LC_ALL=ja_JP.UTF-8 "$kobune" start && expect "as a sentence" "root 権限が必要"
step "a mistake is found before" exits 23 as nobody2 "$kobune" start --memory 250MB && expect "with its id" "RSRC_INSUFFICIENT_REQ_MEMORY"
step "nothing was made" test ! -e "$work/nobody2/.kobune"

echo "# a user who is asked for a password"
# at_terminal PASSWORD COMMAND...: runs as mina on a terminal of its own, and types the password each time somebody asks for it.
at_terminal() {
  local password=$1 text="" character code; shift
  coproc TERMINAL { exec script -qefc "exec setpriv --reuid mina --regid mina --init-groups env -i HOME=$work/mina USER=mina LC_ALL=C.UTF-8 PATH=/usr/bin:/bin KOBUNE_PROFILE=$PROFILE-mina $*" /dev/null; }
  local out=${TERMINAL[0]} in=${TERMINAL[1]} pid=$TERMINAL_PID
  while IFS= read -r -n 1 -d '' -t 60 -u "$out" character; do
    text+=$character
    case $text in *"password for mina: ") printf '%s' "$text"; text=""; printf '%s\n' "$password" >&"$in" ;; esac
  done
  printf '%s' "$text"
  wait "$pid"; code=$?
  return "$code"
}
step "the wrong one" exits 57 at_terminal wrong "$kobune" start && expect "is refused" "DRV_NEEDS_ROOT"
step "nothing was made" test ! -e "$work/mina/.kobune/machines"
need "start asks for it" at_terminal sesame "$kobune" start && expect "once" "password for mina"
step "status needs none" as mina env KOBUNE_PROFILE="$PROFILE-mina" "$kobune" status && expect "and sees it" "^apiserver: Running"
step "delete" at_terminal sesame "$kobune" delete

echo "# a user with rights to run kobune, and nothing else"
step "sudo is for kobune alone" exits 1 as kaya sudo -n true
need "start" kaya start
step "all files are the user's" none_foreign
step "the key is the user's alone" test "$(stat -c '%U %a' "$home/.kobune/machines/$PROFILE/disk/var-lib-kobune/certs/admin.key")" = "kaya 600"
step "the authority's key is not" test "$(stat -c '%U %a' "$home/.kobune/machines/$PROFILE/disk/var-lib-kobune/certs/ca.key")" = "root 600"
step "the kubeconfig is the user's alone" test "$(stat -c '%U %a' "$home/.kube/config")" = "kaya 600"
step "its folder too" test "$(stat -c '%U' "$home/.kube" "$home/.kobune" "$home/.kobune/profiles/$PROFILE" | sort -u)" = kaya
step "kubectl of the user" kubectl_ get node && expect "sees the node" " Ready "
step "kobune kubectl" kaya kubectl -- get node -o name && expect "too" "^node/$PROFILE"
step "status" quiet status && expect "without sudo" "^apiserver: Running"
step "profile list" quiet profile list && expect "without sudo" "$PROFILE"
step "ip" quiet ip && expect "without sudo" "^192\.168\."
step "node list" quiet node list
step "addons list" quiet addons list
step "logs" quiet logs -n 3 && expect "without sudo" "==> node"
step "config" quiet config set memory 2200
step "update-context" quiet update-context
echo "# images, files, shells"
mkdir "$home/web" && printf '#!/bin/sh\nmkdir -p /www && echo "from a normal user" >/www/index.html && exec httpd -f -p 8080 -h /www\n' >"$home/web/run"
cp "$(command -v busybox)" "$home/web/busybox"
printf 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nCOPY run /run.sh\nCMD ["/bin/sh", "/run.sh"]\n' >"$home/web/Dockerfile"
chown -R kaya: "$home/web"
need "image build" kaya image build -t web:1 "$home/web"
step "image ls" kaya image ls && expect "has it" "docker.io/library/web:1"
step "image save" kaya image save web:1 "$home/web.tar" && step "the archive is the user's" test "$(stat -c %U "$home/web.tar")" = kaya
step "image load" kaya image load "$home/web.tar"
need "a pod of it" kubectl_ create deployment web --image=web:1
need "with a Service" kubectl_ expose deployment web --type=NodePort --port=80 --target-port=8080
need "runs" kubectl_ rollout status deployment web --timeout=90s
step "service list" quiet service list && expect "without sudo" "web .*http://192"
answers() { local url; url=$(quiet service web --url) && curl -fsS --max-time 3 "$url" | grep -q "from a normal user"; }
step "service --url" within 20 answers
step "ssh" kaya ssh -- id -u && expect "is root there" "^0$"
step "its exit code" exits 1 kaya ssh -- false
echo secret >"$work/root-only" && chmod 600 "$work/root-only"
echo hello | install -o kaya -m 600 /dev/stdin "$home/hello"
step "cp into the node" kaya cp "$home/hello" /var/tmp/hello
step "cp out of it" kaya cp "$PROFILE:/var/tmp/hello" "$home/back"
step "the copy" test "$(stat -c %U "$home/back"):$(cat "$home/back")" = "kaya:hello"
step "a file that only root reads" exits 1 kaya cp "$work/root-only" /var/tmp/stolen && expect "is not read" "Permission denied"
step "a place that only root writes" exits 1 kaya cp "$PROFILE:/var/tmp/hello" /etc/kobune-test && step "is not written" test ! -e /etc/kobune-test
step "addons enable" kaya addons enable metallb && expect "works" "enabled"
step "path" kaya path web && expect "walks to the pod" "web"

echo "# in the foreground: signals reach root's half"
mkdir "$home/shared" && echo live >"$home/shared/file" && chown -R kaya: "$home/shared"
as kaya "$kobune" mount "$home/shared:/shared" >"$work/mount.log" 2>&1 &
mounted() { kaya ssh -- cat /shared/file | grep -q live; }
step "mount" within 20 mounted
pid=$(pgrep -u kaya -f "^$kobune mount" | head -1)
kill -INT "$pid"; wait %1; code=$?
step "ends on a signal" test "$code" = 11
step "and takes the folder away" exits 1 kaya ssh -- ls /shared/file
as kaya "$kobune" tunnel >"$work/tunnel.log" 2>&1 &
address=$(kubectl_ get service web -o jsonpath='{.spec.clusterIP}')
reached() { curl -fsS --max-time 2 "http://$address" | grep -q "from a normal user"; }
step "tunnel" within 20 reached
kill -KILL "$(pgrep -u kaya -f "^$kobune tunnel" | head -1)"
no_route() { ! ip route | grep -q '^10\.96'; }
step "is undone also when the user's half is killed" within 20 no_route
running() { pgrep -f "$1" >/dev/null; }
gone() { ! running "$1"; }
step "no helper is left" within 10 gone "$kobune as-root"

echo "# stop, start, delete"
need "stop" kaya stop
step "status" exits 7 as kaya "$kobune" status
step "all files are the user's" none_foreign
need "start again" kaya start
step "all files are the user's" none_foreign
step "stop --schedule" kaya stop --schedule 2s
stopped() { exits 7 as kaya "$kobune" status; }
step "comes true" within 40 stopped
step "all files are the user's" within 5 none_foreign
need "delete" kaya delete
step "only the user's settings are left" test "$(cd "$home/.kobune" && find . -type f)" = "./config/config.json"
step "no process" exits 1 running "$work/"
