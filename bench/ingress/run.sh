#!/usr/bin/env bash
# bench/ingress/run.sh [rounds]: requests per second and p99 of the ingress beside Debian's nginx as a proxy with the same duties (keepalive to the
# endpoint, the headers of ingress-nginx), in turns, the endpoint and wrk being the same. Budget: half of nginx's requests per second (aim 0.7), its
# p99 at most doubled. CPU per request is shown too: on a shared machine it is the steadier number.
set -uo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3}; seconds=${SECONDS_EACH:-5}; connections=${CONNECTIONS:-32}
for program in wrk nginx; do
  command -v $program >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wrk nginx-light >/dev/null; }
done
out=artifacts/bench-ingress
dotnet build bench/ingress -c Release -o $out -v q -clp:NoSummary || exit 1
work=$(mktemp -d); chmod 755 "$work"
app=18201 nginx=18202 kobune=18203 tls=18204
trap 'kill $(cat "$work/nginx.pid" 2>/dev/null) 2>/dev/null; exec 7>&-; rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=bench.test -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
cat > "$work/nginx.conf" <<N
worker_processes auto; pid $work/nginx.pid; error_log $work/error.log;
events { worker_connections 16384; }
http {
  access_log off; keepalive_requests 1000000; types { } default_type text/plain;
  client_body_temp_path $work/1; proxy_temp_path $work/2; fastcgi_temp_path $work/3; uwsgi_temp_path $work/4; scgi_temp_path $work/5;
  upstream app { server 127.0.0.1:$app; keepalive 320; keepalive_requests 10000; }
  server { listen 127.0.0.1:$app; location / { return 200 "hello from the endpoint, a short text as health checks and APIs give"; } }
  server {
    listen 127.0.0.1:$nginx; listen 127.0.0.1:$((nginx + 10)) ssl; server_name bench.test; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    location / {
      proxy_http_version 1.1; proxy_buffering off; proxy_set_header Connection ""; proxy_set_header Host \$http_host; proxy_set_header X-Request-ID \$request_id;
      proxy_set_header X-Real-IP \$remote_addr; proxy_set_header X-Forwarded-For \$remote_addr; proxy_set_header X-Forwarded-Host \$http_host;
      proxy_set_header X-Forwarded-Port \$server_port; proxy_set_header X-Forwarded-Proto \$scheme; proxy_set_header X-Forwarded-Scheme \$scheme; proxy_set_header X-Scheme \$scheme;
      proxy_pass http://app;
    }
  }
}
N
nginx -c "$work/nginx.conf" -e "$work/error.log" || exit 1
mkfifo "$work/in"; $out/Kobune.Bench.Ingress $kobune $tls $app < "$work/in" & ours=$!
exec 7> "$work/in"
answers() { curl -sfk --max-time 2 -H 'Host: bench.test' "$1" | grep -q 'hello from'; }
for url in http://127.0.0.1:$nginx/ http://127.0.0.1:$kobune/ https://127.0.0.1:$((nginx + 10))/ https://127.0.0.1:$tls/; do
  until answers "$url"; do kill -0 $ours || exit 1; done
done
jiffies() { local sum=0 p; for p in "$@"; do sum=$((sum + $(awk '{print $14 + $15}' "/proc/$p/stat"))); done; echo $sum; }
workers=$(pgrep -P "$(cat "$work/nginx.pid")")

measure() { # measure NAME URL PIDS...: "rps p99us cpu_us"
  local name=$1 url=$2 before after; shift 2
  before=$(jiffies "$@")
  wrk -t1 -c"$connections" -d"${seconds}s" --latency -H 'Host: bench.test' "$url" > "$work/wrk"
  after=$(jiffies "$@")
  awk -v cpu=$((after - before)) -v name="$name" '
    function us(t) { return t ~ /us$/ ? t + 0 : t ~ /ms$/ ? t * 1000 : t * 1000000 }
    /99%/ { p99 = us($2) } /requests in/ { n = $1 } /Requests\/sec/ { rps = $2 } /Non-2xx/ { bad = $NF }
    END { printf "%s %d %d %.1f %d\n", name, rps, p99, cpu * 10000 / n, bad }' "$work/wrk" | tee -a "$work/results"
}

echo "name requests/s p99(us) cpu(us)/request bad"
measure warm-up "http://127.0.0.1:$kobune/" $ours; measure warm-up "https://127.0.0.1:$tls/" $ours; : > "$work/results"
for _ in $(seq "$rounds"); do
  measure nginx "http://127.0.0.1:$nginx/" $workers # the endpoint's server is the same workers: their CPU is shown with its share
  measure kobune "http://127.0.0.1:$kobune/" $ours
  measure nginx-tls "https://127.0.0.1:$((nginx + 10))/" $workers
  measure kobune-tls "https://127.0.0.1:$tls/" $ours
done
awk '
  { n[$1]++; rps[$1] += $2; if (!($1 in p) || $3 < p[$1]) p[$1] = $3; bad += $5 }
  END {
    for (kind = 0; kind < 2; kind++) {
      s = kind ? "-tls" : ""; a = rps["kobune" s] / rps["nginx" s]; b = p["kobune" s] / p["nginx" s]
      printf "%s: %.2f of nginx'"'"'s requests per second (budget 0.5, aim 0.7), %.2f of its p99 (budget 2)\n", kind ? "HTTPS" : "HTTP", a, b
      if (a < 0.5 || b > 2) failed = 1
    }
    if (bad > 0) { print bad " answers were not 2xx"; failed = 1 }
    exit failed
  }' "$work/results"
