#!/usr/bin/env bash
# build.sh FOLDER: builds upstream's test suite, its runner and the test image's program from Debian 12's source package, with Debian 12's Go, into FOLDER.
# Nothing is installed but debootstrap; the source and what is built of it stay outside the tree.
set -uo pipefail
cache=$1
[ -x "$cache/e2e.test" ] && [ -x "$cache/ginkgo" ] && [ -f "$cache/images/httpd" ] && exit 0
. "$(dirname "$0")/source.sh"
mkdir -p "$cache"/images/{agnhost,busybox}

# Its namespaces wait until the default service account has a token Secret, which no release makes since 1.24.
sed -i 's/return len(t.Secrets) > 0, nil/return t != nil, nil/' "$source/test/e2e/framework/util.go" "$source/pkg/client/conditions/conditions.go"

go build -o "$cache/go-bindata" k8s.io/kubernetes/vendor/github.com/go-bindata/go-bindata/go-bindata || exit 1
"$cache/go-bindata" -nometadata -o test/e2e/generated/bindata.go -pkg generated -ignore .jpg -ignore .png -ignore .md -ignore 'BUILD(\.bazel)?' \
  test/conformance/testdata/... test/e2e/testing-manifests/... test/e2e_node/testing-manifests/... test/images/... test/fixtures/... || exit 1
go build -o "$cache/ginkgo" k8s.io/kubernetes/vendor/github.com/onsi/ginkgo/ginkgo && go build -o "$cache/images/agnhost/agnhost" ./test/images/agnhost || exit 1
go test -c -o "$cache/e2e.test" ./test/e2e || exit 1

cp test/images/agnhost/porter/localhost.crt test/images/agnhost/porter/localhost.key "$cache/images/agnhost/"
command -v debootstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap >/dev/null || exit 1
command -v busybox >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq busybox-static >/dev/null || exit 1
rm -rf "$cache/images/agnhost/root"
debootstrap --variant=minbase --include=curl,wget,bind9-dnsutils,netcat-openbsd,iproute2,iptables,procps bookworm "$cache/images/agnhost/root" "$uri" >"$cache/debootstrap.log" 2>&1 || exit 1
rm -rf "$cache"/images/agnhost/root/{var/cache/apt,var/lib/apt/lists,usr/share/doc,usr/share/locale,usr/share/man}
printf 'FROM scratch\nCOPY root /\nRUN mkdir /uploads\nCOPY localhost.crt localhost.key agnhost /\nRUN ln -s agnhost agnhost-2\nEXPOSE 80 8080 8081 9376\nENTRYPOINT ["/agnhost"]\nCMD ["pause"]\n' >"$cache/images/agnhost/Dockerfile"
cp "$(command -v busybox)" "$cache/images/busybox/busybox"
printf 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nENV PATH=/bin:/usr/bin:/sbin\nRUN mkdir -p /tmp /etc /root /usr/bin /var && chmod 1777 /tmp && echo "root:x:0:0:root:/root:/bin/sh" >/etc/passwd && echo root:x:0: >/etc/group && ln -s /bin/env /usr/bin/env\nCMD ["sh"]\n' >"$cache/images/busybox/Dockerfile"
printf 'FROM k8s.gcr.io/e2e-test-images/agnhost:2.21\nENTRYPOINT []\nCMD ["/agnhost", "netexec", "--http-port=80", "--udp-port=8081"]\n' >"$cache/images/web"
printf 'FROM docker.io/library/busybox:1.29\nRUN mkdir -p /usr/local/apache2/htdocs && echo "It works!" >/usr/local/apache2/htdocs/index.html\nCMD ["httpd", "-f", "-p", "80", "-h", "/usr/local/apache2/htdocs"]\n' >"$cache/images/httpd"
