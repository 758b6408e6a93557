using System.Net;

namespace Kobune.ApiServer.Tests.Hosting;

public class KubectlTests
{
    [Fact]
    public async Task Kubectl_creates_shows_patches_and_deletes()
    {
        await using var https = await HttpsServer.StartAsync();
        Assert.Equal("configmap/a created\n", await https.MustKubectlAsync("create configmap a --from-literal=k=v"));
        var table = await https.MustKubectlAsync("get configmaps");
        Assert.Matches(@"^NAME\s+DATA\s+AGE\na\s+1\s+\d+s\n$", table);
        Assert.Equal("v", await https.MustKubectlAsync("get configmap a -o jsonpath={.data.k}"));
        Assert.Equal("configmap/a labeled\n", await https.MustKubectlAsync("label configmap a x=y"));
        Assert.Equal("configmap/a patched\n", await https.MustKubectlAsync("patch configmap a -p {\\\"data\\\":{\\\"k\\\":\\\"w\\\"}}"));
        Assert.Contains("k: w", await https.MustKubectlAsync("get configmap a -o yaml"), StringComparison.Ordinal);
        Assert.Equal("configmap \"a\" deleted\n", await https.MustKubectlAsync("delete configmap a"));
        var (code, _, error) = await https.KubectlAsync("get configmap a");
        Assert.Equal((1, "Error from server (NotFound): configmaps \"a\" not found\n"), (code, error));
    }

    [Fact]
    public async Task Kubectl_applies_edits_and_scales_a_deployment()
    {
        await using var https = await HttpsServer.StartAsync();
        const string Manifest = """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: web
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - name: c
                    image: registry.k8s.io/pause:3.9
                    ports: [{containerPort: 80}]
            """;
        Assert.Equal("deployment.apps/web created\n", await https.MustKubectlAsync("apply -f -", Manifest));
        Assert.Equal("deployment.apps/web unchanged\n", await https.MustKubectlAsync("apply -f -", Manifest));
        Assert.Equal("deployment.apps/web configured\n", await https.MustKubectlAsync("apply -f -", Manifest.Replace(":3.9", ":3.10", StringComparison.Ordinal)));
        Assert.Equal("deployment.apps/web scaled\n", await https.MustKubectlAsync("scale deployment web --replicas=5"));
        Assert.Equal("5", await https.MustKubectlAsync("get deployment web -o jsonpath={.spec.replicas}"));
        Assert.Equal("3", await https.MustKubectlAsync("get deployment web -o jsonpath={.metadata.generation}"));
        var (code, _, error) = await https.KubectlAsync("apply -f -", Manifest.Replace("replicas:", "replicass:", StringComparison.Ordinal));
        Assert.Equal(1, code);
        Assert.Contains("unknown field \"spec.replicass\"", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_applies_server_side_and_goes_over_from_client_side()
    {
        await using var https = await HttpsServer.StartAsync();
        const string Map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: '1'}\n";
        Assert.Equal("configmap/m created\n", await https.MustKubectlAsync("apply -f -", Map));
        Assert.Equal("configmap/m serverside-applied\n", await https.MustKubectlAsync("apply --server-side -f -", Map.Replace("'1'", "'2'", StringComparison.Ordinal)));
        Assert.Equal("2", await https.MustKubectlAsync("get configmap m -o jsonpath={.data.a}"));
        var (code, _, error) = await https.KubectlAsync("apply --server-side --field-manager=other -f -", Map);
        Assert.Equal(1, code);
        Assert.Contains("Apply failed with 1 conflict: conflict with \"kubectl\": .data.a", error, StringComparison.Ordinal);
        Assert.Equal("configmap/m serverside-applied\n", await https.MustKubectlAsync("apply --server-side --field-manager=other --force-conflicts -f -", Map));
        Assert.Equal("configmap/m configured\n", await https.MustKubectlAsync("apply -f -", Map.Replace("a: '1'", "b: '1'", StringComparison.Ordinal)));
        Assert.Contains("serverside-applied (server dry run)", await https.MustKubectlAsync("apply --server-side --dry-run=server --force-conflicts -f -", Map), StringComparison.Ordinal);
        Assert.Contains("+  a: \"1\"", (await https.KubectlAsync("diff --server-side --force-conflicts -f -", Map)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_works_with_a_custom_resource()
    {
        await using var https = await HttpsServer.StartAsync();
        const string Definition = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: crontabs.stable.example.com}
            spec:
              group: stable.example.com
              scope: Namespaced
              names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all]}
              versions:
              - name: v1
                served: true
                storage: true
                additionalPrinterColumns:
                - {name: Replicas, type: integer, jsonPath: .spec.replicas}
                - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status', priority: 1}
                - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
                subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        description: What the user wants.
                        properties:
                          replicas: {type: integer, minimum: 1, description: How many.}
                      status: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """;
        const string Object = "apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata: {name: a}\nspec: {replicas: 2}\n";
        Assert.Equal("customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created\n", await https.MustKubectlAsync("apply -f -", Definition));
        Assert.Contains("condition met", await https.MustKubectlAsync("wait --for=condition=established crd/crontabs.stable.example.com --timeout=30s"), StringComparison.Ordinal);
        Assert.Equal("crontab.stable.example.com/a created\n", await https.MustKubectlAsync("apply -f -", Object));
        Assert.Equal("crontab.stable.example.com/a configured\n", await https.MustKubectlAsync("apply -f -", Object.Replace("2", "3", StringComparison.Ordinal)));
        Assert.Equal("crontab.stable.example.com/a serverside-applied\n", await https.MustKubectlAsync("apply --server-side --force-conflicts -f -", Object));
        Assert.Matches(@"^NAME\s+REPLICAS\s+AGE\na\s+2\s+\d+s\n$", await https.MustKubectlAsync("get ct"));
        Assert.Matches(@"^NAME\s+REPLICAS\s+READY\s+AGE\na\s+2\s+\d+s\n$", await https.MustKubectlAsync("get crontabs -o wide"));
        Assert.Contains("crontab.stable.example.com/a", await https.MustKubectlAsync("get all -o name"), StringComparison.Ordinal);
        Assert.Equal("crontab.stable.example.com/a scaled\n", await https.MustKubectlAsync("scale ct/a --replicas=4"));
        Assert.Contains("How many.", await https.MustKubectlAsync("explain crontab.spec.replicas"), StringComparison.Ordinal);
        var (code, _, error) = await https.KubectlAsync("apply -f -", Object.Replace("replicas: 2", "replicas: 0, foo: 1", StringComparison.Ordinal));
        Assert.Equal(1, code);
        Assert.Contains("unknown field \"spec.foo\"", error, StringComparison.Ordinal);
        Assert.Equal("customresourcedefinition.apiextensions.k8s.io \"crontabs.stable.example.com\" deleted\n", await https.MustKubectlAsync("delete crd crontabs.stable.example.com --timeout=30s"));
        Assert.Contains("the server could not find the requested resource", (await https.KubectlAsync("get crontabs")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_sees_the_api_and_the_servers_own_objects()
    {
        await using var https = await HttpsServer.StartAsync();
        Assert.Contains("deployments                         deploy", await https.MustKubectlAsync("api-resources"), StringComparison.Ordinal);
        Assert.Contains("Server Version: v1.36.0+kobune", await https.MustKubectlAsync("version"), StringComparison.Ordinal);
        var names = await https.MustKubectlAsync("get namespaces -o name");
        Assert.Equal("namespace/default\nnamespace/kube-node-lease\nnamespace/kube-public\nnamespace/kube-system\n", names);
        Assert.Matches(@"kubernetes\s+ClusterIP\s+10\.96\.0\.1\s+<none>\s+443/TCP", await https.MustKubectlAsync("get services"));
        Assert.Contains("192.0.2.10:8443", await https.MustKubectlAsync("get endpoints kubernetes"), StringComparison.Ordinal);
        Assert.Contains("FIELDS:", await https.MustKubectlAsync("explain pod.spec"), StringComparison.Ordinal);
        Assert.Equal("componentstatus/etcd-0\n", await https.MustKubectlAsync("get componentstatuses -o name"));
        Assert.Equal("ok", await https.MustKubectlAsync("get --raw /readyz"));
        var metrics = await https.MustKubectlAsync("get --raw /metrics");
        Assert.Contains("apiserver_request_total{", metrics, StringComparison.Ordinal);
        Assert.Contains("apiserver_response_sizes_count{verb=\"LIST\",group=\"\",version=\"v1\",resource=\"componentstatuses\"", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_a_list_join_to_the_whole()
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        for (var i = 0; i < 25; i++)
        {
            await https.Server.CreateConfigMapAsync($"m{i:00}");
        }

        var names = await https.MustKubectlAsync("get configmaps --chunk-size=10 -o name");
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"configmap/m{i:00}"), names.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_anonymous_and_a_bad_token_is_refused()
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(https.Address) };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/version", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Theory]
    [InlineData("application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf", "k8s\0")]
    [InlineData("application/yaml", "application/yaml", "apiVersion: v1")]
    [InlineData("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "application/json", "{\"kind\":\"PartialObjectMetadata\"")]
    [InlineData("application/json;as=Table;g=meta.k8s.io;v=v1", "application/json", "{\"kind\":\"Table\"")]
    public async Task An_object_comes_in_the_form_that_is_accepted(string accept, string type, string start)
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        await https.Server.CreateConfigMapAsync("a");
        using var client = https.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);
        var response = await client.GetAsync("/api/v1/namespaces/default/configmaps/a", TestContext.Current.CancellationToken);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith(start, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/openapi/v2", "text/plain", 406, null)]
    [InlineData("/openapi/v2", "text/plain, application/*;q=0.5", 200, "application/json")]
    [InlineData("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", 200, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")]
    [InlineData("/openapi/v3/api/v1", "application/yaml", 406, null)]
    [InlineData("/openapi/v3/api/v1", "*/*", 200, "application/json")]
    public async Task A_document_comes_in_the_form_that_is_accepted_or_not_at_all(string path, string accept, int code, string? type)
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        using var client = https.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);
        var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal((code, type), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task A_watch_that_cannot_begin_is_told_why_in_its_stream()
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        using var client = https.Client();
        var response = await client.GetAsync("/api/v1/configmaps?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=1000000", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("""{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Timeout: Too large resource version: 1000000, current: """, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_can_make_is_not_acceptable_and_what_is_too_large_is_refused()
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        using var client = https.Client();
        using var large = new StringContent(new string(' ', (3 * 1024 * 1024) + 1));
        var tooLarge = await client.PostAsync("/api/v1/namespaces/default/configmaps", large, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        Assert.Contains("Request entity too large: limit is 3145728", await tooLarge.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "text/html");
        Assert.Equal(HttpStatusCode.NotAcceptable, (await client.GetAsync("/api/v1/namespaces/default/configmaps", TestContext.Current.CancellationToken)).StatusCode);
        using var small = new StringContent("""{"metadata":{"name":"unheard"}}""", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.NotAcceptable, (await client.PostAsync("/api/v1/namespaces/default/configmaps", small, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(404, (await https.Server.SendAsync("GET", "/api/v1/namespaces/default/configmaps/unheard")).Code); // nothing was written that could not be answered
    }
}
