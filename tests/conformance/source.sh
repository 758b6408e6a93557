# Sourced with $cache set: unpacks upstream's source as Debian 12 carries it (Kubernetes 1.20) and Debian 12's Go into that folder, unless they are there, and goes into the source, ready to build it.
source=$cache/gopath/src/k8s.io/kubernetes
uri=$(grep -hE '^URIs:' /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '{print $2; exit}')
[ -n "$uri" ] || uri=$(grep -hE '^deb ' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk '{for (i = 2; i <= NF; i++) if ($i ~ /^http/) {print $i; exit}}')
[ -n "$uri" ] || { echo "no Debian mirror is configured" >&2; exit 1; }
if [ ! -f "$cache/.unpacked" ]; then
  mkdir -p "$cache"/{parts,lists/partial,archives/partial,debs,go,gopath/src/k8s.io/kubernetes}
  printf 'Types: deb deb-src\nURIs: %s\nSuites: bookworm\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$uri" >"$cache/parts/debian.sources"
  apt=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$cache/parts" -o "Dir::State::Lists=$cache/lists" -o "Dir::Cache=$cache" -o Dir::State::status=/dev/null)
  apt-get "${apt[@]}" update -qq || exit 1
  (cd "$cache/debs" && apt-get "${apt[@]}" download -qq golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev && apt-get "${apt[@]}" source --download-only -qq kubernetes) || exit 1
  for package in "$cache"/debs/golang-*.deb; do dpkg -x "$package" "$cache/go" || exit 1; done
  tar -xzf "$cache"/debs/kubernetes_*.orig.tar.gz -C "$source" --strip-components=1 || exit 1
  # The reflect2 of that time breaks at maps with a Go as new as this one.
  rm -r "$source/vendor/github.com/modern-go/reflect2" && cp -r "$cache/go/usr/share/gocode/src/github.com/modern-go/reflect2" "$source/vendor/github.com/modern-go/" || exit 1
  touch "$cache/.unpacked"
fi
export GOROOT=$cache/go/usr/lib/go-1.19 GOPATH=$cache/gopath GOCACHE=$cache/gocache GO111MODULE=off GOFLAGS='' GOTOOLCHAIN=local CGO_ENABLED=0
export PATH=$GOROOT/bin:$PATH
cd "$source" || exit 1
