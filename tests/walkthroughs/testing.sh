#!/usr/bin/env bash
# Kobune.Testing from its package in a fresh project, and kobune test-server with the real kubectl.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh
work=$(mktemp -d)
version=0.1.0-walk.$(date +%s)
export KOBUNE_HOME=$work/home DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
trap 'kill "$server" 2>/dev/null; rm -rf "$work" "$packages/kobune.testing/$version" "$STEP_LOG"' EXIT
server=

# The first example of the package's page, as a test project of somebody's who has only the package.
fresh_project() {
  mkdir "$work/fresh"
  cat >"$work/fresh/nuget.config" <<X
<configuration><packageSources><add key="walk" value="$work/packages" /></packageSources></configuration>
X
  cat >"$work/fresh/fresh.csproj" <<X
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable><NuGetAudit>false</NuGetAudit></PropertyGroup>
  <ItemGroup><PackageReference Include="Kobune.Testing" Version="$version" /><PackageReference Include="xunit.v3" Version="3.2.1" /></ItemGroup>
</Project>
X
  awk '/^```csharp$/ {inside = 1; next} /^```$/ {if (inside) exit} inside' src/Kobune.Testing/README.md >"$work/example"
  { grep '^using [A-Z].*;$' "$work/example"; echo 'using Xunit;'; echo 'public class Example {'; grep -v '^using [A-Z].*;$' "$work/example"; echo '}'; } >"$work/fresh/Example.cs"
  (cd "$work/fresh" && dotnet build -v q -clp:NoSummary)
}

pack() {
  [ -e artifacts/bin/Kobune.Testing/debug/Kobune.Testing.dll ] || dotnet build src/Kobune.Testing -c debug -v q -clp:NoSummary || return 1
  dotnet pack src/Kobune.Testing -c debug --no-build -o "$work/packages" -p:PackageVersion="$version" -v q -clp:NoSummary
}

need "the package is made" pack
need "a fresh project with the package builds" fresh_project
step "its example passes" "$work/fresh/bin/Debug/net10.0/fresh" -noColor
expect "one test ran" 'Total: 1, Errors: 0, Failed: 0'

export KUBECONFIG=$work/kubeconfig
mkdir "$work/tmp"
TMPDIR=$work/tmp "$KOBUNE" test-server --nodes 2 --kubeconfig "$KUBECONFIG" >"$work/server.log" 2>&1 &
server=$!
answers() { "$KUBECTL" get --raw /readyz >/dev/null; }
need "the test server answers" within 60 answers
step "a deployment is made" "$KUBECTL" create deployment web --image=web:1 --replicas=4
step "its rollout ends" "$KUBECTL" rollout status deployment/web --timeout=60s
step "a node is drained" "$KUBECTL" drain node-0 --timeout=60s
step "the deployment is available again" "$KUBECTL" wait --for=condition=Available deployment/web --timeout=60s
step "a deployment is autoscaled" "$KUBECTL" autoscale deployment web --min=5 --max=6
step "and gets its least" "$KUBECTL" wait --for='jsonpath={.status.readyReplicas}=5' deployment/web --timeout=90s
step "it is deleted" "$KUBECTL" delete deployment,hpa web
step "its pods go" "$KUBECTL" wait --for=delete pods -l app=web --timeout=60s
ends() { kill -TERM "$server" && wait "$server"; }
step "it ends when it is asked to" ends
server=
step "its kubeconfig is gone" test ! -e "$KUBECONFIG"
step "nothing is left in the folder for temporary files" sh -c "ls -A '$work/tmp'; [ -z \"\$(ls -A '$work/tmp')\" ]"
