#!/usr/bin/env bash
# Rows E1, and E7's images: build, load, save, tag, rm, pull, push; an image of the same tag really replaced; pull policy Always without a network; the
# registry addon with its aliases, mirrors, and a private registry (docker-registry with users) with imagePullSecrets.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-images}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE DOCKER_CONFIG=$work/docker
registry=
servers=
k() { "$KUBECTL" "$@"; }
finish() {
  [ -z "$registry$servers" ] || kill $registry $servers 2>/dev/null
  "$KOBUNE" delete >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() {
  k get pods,events -A -o wide 2>&1 | tail -n 30 | sed 's/^/    # /'
  "$KOBUNE" logs -n 40 2>&1 | tail -n 40 | sed 's/^/    # /'
}
exits() { local want=$1 rc=0; shift; "$@" || rc=$?; echo "exit code $rc"; [ "$rc" = "$want" ]; }
listed() { local all; all=$("$KOBUNE" image ls) && grep -qx "$1" <<<"$all"; }
not() { ! "$@"; }
# runs NAME IMAGE TEXT [FLAGS...]: a pod of the image prints the text.
runs() {
  local name=$1 image=$2 text=$3; shift 3
  k run "$name" --image="$image" --restart=Never "$@" || return 1
  within 20 has_log "$name" "$text"
}
has_log() { local log; log=$(k logs "$1" 2>/dev/null) && grep -q "$2" <<<"$log"; }
waiting() { [ "$(k get pod "$1" -o 'jsonpath={.status.containerStatuses[0].state.waiting.reason}')" = "$2" ] || [ "$(k get pod "$1" -o 'jsonpath={.status.containerStatuses[0].state.waiting.reason}')" = "$3" ]; }

step "image commands need a profile" exits 14 "$KOBUNE" image ls
step "docker-env without a cluster" exits 85 "$KOBUNE" docker-env
need "start" "$KOBUNE" start --insecure-registry host.minikube.internal:5001
IP=$("$KOBUNE" ip)

# build: a base from a Debian package, then everything that a Dockerfile can say
mkdir -p "$work/base" "$work/app/inner" "$work/app/files"
cat > "$work/base/Dockerfile" <<'D'
# kobune:build-context busybox=deb:busybox-static
FROM scratch
COPY --from=busybox /bin/busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
ENV PATH=/bin
D
need "build a base" "$KOBUNE" image build -t base:1 "$work/base"
step "tag" "$KOBUNE" image tag base:1 registry.test/base:7
echo packed > "$work/app/files/packed" && tar -C "$work/app/files" -cf "$work/app/files.tar" packed
echo secret > "$work/app/secret.txt" && echo 'secret.txt' > "$work/app/.dockerignore"
cat > "$work/app/inner/Dockerfile" <<'D'
ARG BASE=base:1
FROM ${BASE} AS build
ARG WORD=none
WORKDIR /src
COPY . .
RUN echo "word ${WORD}" > /built && ls /src > /seen
FROM registry.test/base:7
ADD files.tar /added/
COPY --from=build /built /seen /
LABEL kind=test
USER 1000:1000
VOLUME /data
EXPOSE 8080
HEALTHCHECK CMD true
SHELL ["/bin/sh", "-c"]
STOPSIGNAL SIGINT
CMD cat /built /added/packed; grep -c secret /seen; echo version1; exec sleep 1000
D
need "build with stages, ARG, ADD, .dockerignore and -f" "$KOBUNE" image build -t app:latest -f inner/Dockerfile --build-opt build-arg=WORD=hello --build-opt no-cache "$work/app"
step "a pod of it, pull policy Always by its tag, no registry" runs one app:latest version1 && expect "created" one
step "it saw the argument" has_log one "word hello"
step "the unpacked archive" has_log one packed
step "and not the ignored file" has_log one '^0$'
step "its policy is Always" bash -c "[ \$($KUBECTL get pod one -o 'jsonpath={.spec.containers[0].imagePullPolicy}') = Always ]"
step "a Dockerfile from standard input" bash -c "printf 'FROM base:1\nCMD echo fromstdin\n' | $KOBUNE image build -t stdin:1 -"
step "runs" runs stdin stdin:1 fromstdin
step "an archive from standard input" bash -c "tar -C $work/base -cz . | $KOBUNE image build -t base:2 -" 

# contexts with an address: an archive over HTTP, a repository
mkdir -p "$work/served" "$work/http" && printf "FROM base:1\nCOPY word /word\nCMD cat /word\n" > "$work/http/Dockerfile" && echo fromhttp > "$work/http/word" && tar -C "$work/http" -czf "$work/served/context.tar.gz" .
git init -q "$work/repository" && mkdir "$work/repository/deep" && printf 'FROM base:1\nCOPY word /word\nCMD cat /word\n' > "$work/repository/deep/Dockerfile" && echo fromgit > "$work/repository/deep/word"
git -C "$work/repository" add . && git -C "$work/repository" -c user.name=walk -c user.email=walk@example.org commit -q -m one
busybox httpd -f -p 127.0.0.1:5002 -h "$work/served" & servers="$servers $!"
git daemon --listen=127.0.0.1 --port=5003 --base-path="$work" --export-all --reuseaddr 2>"$work/git.log" & servers="$servers $!"
step "the servers are up" within 10 bash -c "curl -sf -o /dev/null http://127.0.0.1:5002/context.tar.gz && git ls-remote -q git://127.0.0.1:5003/repository >/dev/null"
step "build from an archive with an address" "$KOBUNE" image build -t fromhttp:1 http://127.0.0.1:5002/context.tar.gz && step "runs" runs fromhttp fromhttp:1 fromhttp
step "build from a folder of a repository" "$KOBUNE" image build -t fromgit:1 "git://127.0.0.1:5003/repository#:deep" && step "runs" runs fromgit fromgit:1 fromgit
step "an address where nothing is exits 80" exits 80 "$KOBUNE" image build -t bad:2 http://127.0.0.1:5002/nothing.tar.gz && expect "with its id" GUEST_IMAGE_BUILD

step "a build that fails exits 80" exits 80 bash -c "printf 'FROM base:1\nRUN false\n' | $KOBUNE image build -t bad:1 -" && expect "with its id" GUEST_IMAGE_BUILD

# the same tag anew
sed -i s/version1/version2/ "$work/app/inner/Dockerfile"
need "the same tag, built anew" "$KOBUNE" image build -t app:latest -f inner/Dockerfile "$work/app"
step "a pod made at once has the new one, pull policy IfNotPresent" runs two app:latest version2 --image-pull-policy=IfNotPresent
step "and with Always" runs three app:latest version2
step "the old pod runs on" has_log one version1

# save, rm, load
step "save" "$KOBUNE" image save app:latest "$work/app.tar"
step "save to standard output" bash -c "$KOBUNE image save base:1 - > $work/base.tar" && step "is an archive" tar -tf "$work/base.tar"
step "rm" "$KOBUNE" image rm app:latest && step "it is gone" not listed docker.io/library/app:latest
step "rm of what is not there exits 80" exits 80 "$KOBUNE" image rm app:latest && expect "with its id" GUEST_IMAGE_REMOVE
step "load from a file" "$KOBUNE" image load "$work/app.tar" && step "is listed" listed docker.io/library/app:latest
step "runs with Always" runs four app:latest version2
step "rm base" "$KOBUNE" image rm base:1
step "load from standard input" bash -c "$KOBUNE image load - < $work/base.tar" && step "is listed again" listed docker.io/library/base:1
mkdir "$work/layout" && tar -C "$work/layout" -xf "$work/base.tar" && sed -i 's/"annotations":{[^}]*}/"annotations":{"org.opencontainers.image.ref.name":"9"}/' "$work/layout/index.json" && rm -f "$work/layout/manifest.json"
step "load from an OCI folder" "$KOBUNE" image load "$work/layout" && expect "named as the folder" "docker.io/library/layout:9" && step "is listed so" listed docker.io/library/layout:9
step "load leaves what is there alone, when asked" "$KOBUNE" image load --overwrite=false "$work/app.tar"
step "load of nothing exits 35" exits 35 "$KOBUNE" image load ./nothing.tar
step "load from a daemon that has it not exits 80" exits 80 "$KOBUNE" image load --daemon nothing:1
step "ls as a table" "$KOBUNE" image ls --format table && expect "rows" '│ docker.io/library/app +│ latest'
step "ls as JSON" "$KOBUNE" image ls --format json && expect "names" '"repoTags":\["docker.io/library/app:latest"\]'
step "ls as YAML" "$KOBUNE" image ls --format yaml && expect "names" '  - docker.io/library/app:latest'

# the registry addon
need "addons enable registry" "$KOBUNE" addons enable registry && expect "says where" "http://$IP:5000"
step "it answers this computer" within 20 curl -sf -o /dev/null "http://$IP:5000/v2/"
step "push by its address" bash -c "$KOBUNE image tag app:latest $IP:5000/app:1 && $KOBUNE image push $IP:5000/app:1"
step "the registry has it" curl -sf "http://$IP:5000/v2/app/tags/list" && expect "with its tag" '"1"'
step "nothing of it stays in the node" "$KOBUNE" image rm "$IP:5000/app:1"
step "a pod of localhost:5000" runs local localhost:5000/app:1 version2
step "of its address" runs address "$IP:5000/app:1" version2
step "image pull" "$KOBUNE" image pull localhost:5000/app:1
step "pods find it by its Service" k run spider --image=app:latest --restart=Never -- sh -c 'wget -q -O - http://registry.kube-system.svc.cluster.local/v2/app/tags/list; echo; wget --spider http://registry.kube-system.svc.cluster.local 2>&1; sleep 1000'
step "with an answer" within 20 has_log spider '"tags":."1".'
need "addons enable registry-aliases" "$KOBUNE" addons enable registry-aliases
step "a pod of example.org" within 20 bash -c "$KUBECTL delete pod alias --ignore-not-found --now >/dev/null; $KUBECTL run alias --image=example.org/app:1 --restart=Never && for i in \$(seq 30); do $KUBECTL logs alias 2>/dev/null | grep -q version2 && exit 0; sleep 0.2; done; exit 1"
step "pods know the name" within 20 k exec spider -- sh -c 'wget -q -O - http://example.org/v2/app/tags/list'
step "the node too" within 20 "$KOBUNE" ssh -- grep -q example.org /etc/hosts
step "disable both" bash -c "$KOBUNE addons disable registry-aliases && $KOBUNE addons disable registry"
gone() { ! curl -s --max-time 2 -o /dev/null "http://$IP:5000/"; }
step "nothing listens then" within 20 gone
need "enable registry again" "$KOBUNE" addons enable registry
step "the images were kept" within 20 curl -sf "http://$IP:5000/v2/app/tags/list" && expect "tag" '"1"'

# a mirror, on a cluster that runs
step "start with a mirror" "$KOBUNE" start --registry-mirror "http://$IP:5000"
step "an image for it" bash -c "$KOBUNE image tag app:latest $IP:5000/library/mirrored:3 && $KOBUNE image push $IP:5000/library/mirrored:3 && $KOBUNE image rm $IP:5000/library/mirrored:3"
step "Docker Hub's name comes from the mirror" runs mirrored mirrored:3 version2

# a private registry on this computer
mkdir -p "$work/private" "$DOCKER_CONFIG"
perl -e 'print "ada:", crypt("lovelace", q($2y$05$abcdefghijklmnopqrstuu)), "\n"' > "$work/users"
cat > "$work/private.yml" <<Y
version: 0.1
storage: {filesystem: {rootdirectory: $work/private}}
http: {addr: 0.0.0.0:5001}
auth: {htpasswd: {realm: private, path: $work/users}}
Y
docker-registry serve "$work/private.yml" >"$work/private.log" 2>&1 &
registry=$!
P=host.minikube.internal:5001
step "the private registry is up" within 10 bash -c "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:5001/v2/ | grep -q 401"
step "an image for it" "$KOBUNE" image tag app:latest "$P/team/app:1"
step "push without a user exits 80" exits 80 "$KOBUNE" image push "$P/team/app:1" && expect "with its id" GUEST_IMAGE_PUSH
printf '{"auths":{"%s":{"auth":"%s"}}}' "$P" "$(printf ada:lovelace | base64)" > "$DOCKER_CONFIG/config.json"
step "push with the user of docker login" "$KOBUNE" image push "$P/team/app:1"
step "rm it here" "$KOBUNE" image rm "$P/team/app:1"
step "a pod without a secret" k run nosecret --image="$P/team/app:1" --restart=Never
step "is refused" within 20 waiting nosecret ErrImagePull ImagePullBackOff
step "a pull secret" k create secret docker-registry private --docker-server="$P" --docker-username=ada --docker-password=lovelace
step "a pod with it" runs secret "$P/team/app:1" version2 --overrides='{"spec":{"imagePullSecrets":[{"name":"private"}]}}'
step "a pod without it" k run still --image="$P/team/app:1" --image-pull-policy=Always --restart=Never
step "is refused, though the image is here" within 20 waiting still ErrImagePull ImagePullBackOff
step "image pull with the user" "$KOBUNE" image pull "$P/team/app:1"
rm "$DOCKER_CONFIG/config.json"
mkdir "$work/helpers" && printf '#!/bin/sh\nread -r server\n[ "$1 $server" = "get %s" ] || { echo "credentials not found in native keychain"; exit 1; }\necho "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"ada\\",\\"Secret\\":\\"lovelace\\"}"\n' "$P" > "$work/helpers/docker-credential-walk" && chmod 755 "$work/helpers/docker-credential-walk"
printf '{"credHelpers":{"%s":"walk"}}' "$P" > "$DOCKER_CONFIG/config.json"
step "image pull with a credential helper" env PATH="$work/helpers:$PATH" "$KOBUNE" image pull "$P/team/app:1"
step "image push with it" env PATH="$work/helpers:$PATH" "$KOBUNE" image push "$P/team/app:1"
printf '{"credsStore":"walk"}' > "$DOCKER_CONFIG/config.json"
step "and with a store for all registries" env PATH="$work/helpers:$PATH" "$KOBUNE" image pull "$P/team/app:1"
rm "$DOCKER_CONFIG/config.json"
step "and without exits 80" exits 80 "$KOBUNE" image pull "$P/team/app:1" && expect "with its id" GUEST_IMAGE_PULL

# docker-env says what it can do
step "docker-env exits 14" exits 14 "$KOBUNE" docker-env && expect "makes an eval fail" '^false exit code 14$' && expect "says why" '"docker" runtime' && expect "says what to do" "image build"
step "podman-env exits 14" exits 14 "$KOBUNE" podman-env && expect "says why" '"crio" runtime'
step "docker-env -u" "$KOBUNE" docker-env -u --shell bash && expect "unsets" '^unset DOCKER_HOST;$'

# what was loaded is there after a restart, also for Always
need "stop" "$KOBUNE" stop
step "image ls of a stopped cluster does nothing" "$KOBUNE" image ls
need "start again" "$KOBUNE" start
step "a loaded image, Always, after the restart" runs again app:latest version2
step "the registry is back" within 20 curl -sf -o /dev/null "http://$IP:5000/v2/"
step "delete" "$KOBUNE" delete
