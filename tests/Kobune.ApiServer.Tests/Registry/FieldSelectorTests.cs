using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Registry;

/// <summary>Field labels that are no path of the stored object, or have a value where the object has none.</summary>
public sealed class FieldSelectorTests
{
    private const string Pod = """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i"}]}}""";
    private const string Claim = """{"metadata":{"name":"a"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""";
    private const string Job = """{"metadata":{"name":"a"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}""";
    private const string Controller = """{"metadata":{"name":"a"},"spec":{"replicas":2,"selector":{"x":"y"},"template":{"metadata":{"labels":{"x":"y"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""";
    private const string NewEvent = """
        {"metadata":{"name":"a","namespace":"default"},"eventTime":"2026-01-01T00:00:00.000000Z","action":"Do","reason":"Test","type":"Normal","note":"n","reportingController":"test-controller",
        "reportingInstance":"i","regarding":{"kind":"Pod","namespace":"default","name":"web"}}
        """;

    private const string OldEvent = """{"metadata":{"name":"a","namespace":"default"},"source":{"component":"kubelet"},"reason":"Test","type":"Normal","involvedObject":{"kind":"Pod","namespace":"default","name":"web"}}""";

    [Theory]
    [InlineData("/api/v1/nodes", """{"metadata":{"name":"a"}}""", "spec.unschedulable=false")]
    [InlineData("/api/v1/nodes", """{"metadata":{"name":"a"},"spec":{"unschedulable":true}}""", "spec.unschedulable=true")]
    [InlineData("/api/v1/namespaces/default/pods", Pod, "spec.hostNetwork=false")]
    [InlineData("/api/v1/namespaces/default/replicationcontrollers", Controller, "status.replicas=0")]
    [InlineData("/apis/batch/v1/namespaces/default/jobs", Job, "status.successful=0")]
    [InlineData("/api/v1/namespaces/default/persistentvolumeclaims", Claim, "name=a")]
    [InlineData("/apis/events.k8s.io/v1/namespaces/default/events", NewEvent, "reportingController=test-controller")]
    [InlineData("/apis/events.k8s.io/v1/namespaces/default/events", NewEvent, "regarding.name=web")]
    [InlineData("/apis/events.k8s.io/v1/namespaces/default/events", NewEvent, "source=test-controller")]
    [InlineData("/api/v1/namespaces/default/events", OldEvent, "source=kubelet")]
    [InlineData("/api/v1/namespaces/default/events", OldEvent, "involvedObject.name=web")]
    public async Task An_object_is_found_by_its_field(string path, string body, string selector)
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", path, body);
        var found = await server.MustAsync("GET", $"{path}?fieldSelector={Uri.EscapeDataString(selector)}");
        Assert.Equal("a", Assert.Single(found["items"]!.AsArray())!["metadata"]!["name"]!.ToString());
        var others = await server.MustAsync("GET", $"{path}?fieldSelector={Uri.EscapeDataString(selector.Replace("=", "!=", StringComparison.Ordinal))}");
        Assert.Empty(others["items"]!.AsArray());
    }

    [Theory]
    [InlineData("=")]
    [InlineData("!=,=")]
    public async Task A_field_without_a_name_and_a_value_asks_for_nothing(string selector)
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", "/api/v1/namespaces/default/pods", Pod);
        var found = await server.MustAsync("GET", $"/api/v1/namespaces/default/pods?fieldSelector={Uri.EscapeDataString(selector)}");
        Assert.Single(found["items"]!.AsArray());
    }

    [Fact]
    public async Task A_replica_set_is_not_found_by_its_replicas()
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("GET", "/apis/apps/v1/replicasets?fieldSelector=status.replicas%3D0");
        Assert.Equal((400, "\"status.replicas\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_pods_request_is_found_by_its_node()
    {
        const string Path = "/apis/certificates.k8s.io/v1beta1/namespaces/default/podcertificaterequests";
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var stub = Convert.ToBase64String(new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequest());
        await using var server = await TestServer.StartAsync(o => o with { RuntimeConfig = Kobune.Api.Schema.RuntimeConfig.TryParse("certificates.k8s.io/v1beta1=true")!, Features = Kobune.Api.Features.FeatureGates.Parse(Kobune.Api.Schema.KubernetesVersion.Newest, "PodCertificateRequest=true") });
        foreach (var node in new[] { "n1", "n2" })
        {
            await server.MustAsync("POST", Path, $$"""{"metadata":{"name":"{{node}}"},"spec":{"signerName":"a.io/b","podName":"p","podUID":"u","serviceAccountName":"s","serviceAccountUID":"su","nodeName":"{{node}}","nodeUID":"nu","stubPKCS10Request":"{{stub}}"} }""");
        }

        var found = await server.MustAsync("GET", $"{Path}?fieldSelector=spec.nodeName%3Dn2");
        Assert.Equal("n2", Assert.Single(found["items"]!.AsArray())!["metadata"]!["name"]!.ToString());
        var refused = await server.SendAsync("PUT", $"{Path}/n2/status", found["items"]![0]!.ToJsonString().Replace("\"spec\":{", "\"status\":{\"certificateChain\":\"x\"},\"spec\":{", StringComparison.Ordinal));
        Assert.Equal("PodCertificateRequest.certificates.k8s.io \"n2\" is invalid: status: Invalid value: status is immutable unless transitioning to \"Issued\", \"Denied\", or \"Failed\"", refused.Body["message"]!.ToString());
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps", "x=y", "\"x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData("/api/v1/namespaces/default/pods", "x=y", "field label not supported: x")]
    [InlineData("/apis/batch/v1/namespaces/default/jobs", "x=y", "field label \"x\" not supported for batchv1.Job")]
    [InlineData("/api/v1/nodes", "metadata.namespace=default", "field label not supported: metadata.namespace")]
    [InlineData("/api/v1/namespaces", "metadata.namespace=default", "field label not supported: metadata.namespace")]
    public async Task A_field_that_cannot_be_selected_by_is_told_in_the_words_of_its_kind(string path, string selector, string message)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("GET", $"{path}?fieldSelector={Uri.EscapeDataString(selector)}");
        Assert.Equal((400, message), (refused.Code, refused.Message));
    }
}
