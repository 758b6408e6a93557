using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Api.Apps.V1;
using Kobune.Api.Certificates.V1;
using Kobune.Api.Core.V1;

namespace Kobune.Testing.Tests;

public sealed class TestClusterTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_has_its_namespaces_and_keeps_what_it_is_given()
    {
        await using var cluster = await TestCluster.StartAsync(ct: Ct);
        Assert.Equal("Active", (await cluster.Client.GetAsync<Namespace>("", "kube-system", Ct)).Status.Phase);
        var created = await cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "a", Namespace = "default" }, Data = new Dictionary<string, string> { ["k"] = "v" } }, Ct);
        Assert.NotEmpty(created.Metadata.Uid);
        Assert.Equal("v", (await cluster.Client.GetAsync<ConfigMap>("default", "a", Ct)).Data["k"]);
        Assert.Empty(cluster.DeniedRequests);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(33)]
    [InlineData(36)]
    public async Task A_deployment_becomes_available_on_simulated_nodes_of_each_release(int minor)
    {
        await using var cluster = await TestCluster.StartAsync(new() { Nodes = 2, Version = new(minor, 1) }, Ct);
        var labels = new Dictionary<string, string> { ["app"] = "web" };
        await cluster.Client.CreateAsync(
            new Deployment
            {
                Metadata = new() { Name = "web", Namespace = "default" },
                Spec = new() { Replicas = 3, Selector = new() { MatchLabels = labels }, Template = new() { Metadata = new() { Labels = labels }, Spec = new() { Containers = [new() { Name = "c", Image = "i" }] } } },
            },
            Ct);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var change in cluster.Client.WatchAsync<Deployment>("default", null, patience.Token))
        {
            if (change.Object.Status.AvailableReplicas == 3)
            {
                break;
            }
        }

        Assert.All((await cluster.Client.ListAsync<Node>("", null, Ct)).Items, n => Assert.Equal($"v1.{minor}.1", n.Status.NodeInfo.KubeletVersion));
        Assert.Equal(minor >= 35, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.TerminatingReplicas is not null);
        Assert.Empty(cluster.DeniedRequests);
    }

    [Fact]
    public async Task A_kubelet_gets_a_certificate_for_itself_without_an_approval_by_hand()
    {
        await using var cluster = await TestCluster.StartAsync(ct: Ct);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest("CN=system:node:n9,O=system:nodes", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        await cluster.ClientFor("system:node:n9").CreateAsync(
            new CertificateSigningRequest
            {
                Metadata = new() { Name = "renewal" },
                Spec = new() { Request = Encoding.ASCII.GetBytes(pem), SignerName = "kubernetes.io/kube-apiserver-client-kubelet", Usages = ["client auth", "digital signature"] },
            },
            Ct);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var change in cluster.Client.WatchAsync<CertificateSigningRequest>("", null, patience.Token))
        {
            if (change.Object.Status is { Certificate.Length: > 0 } status)
            {
                using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(status.Certificate.Span));
                Assert.Equal("system:node:n9", certificate.GetNameInfo(X509NameType.SimpleName, false));
                Assert.Equal("Auto approving self kubelet client certificate after SubjectAccessReview.", status.Conditions.Single().Message);
                break;
            }
        }

        Assert.Empty(cluster.DeniedRequests);
    }

    [Fact]
    public async Task Clusters_side_by_side_know_nothing_of_each_other()
    {
        await using var one = await TestCluster.StartAsync(ct: Ct);
        await using var other = await TestCluster.StartAsync(ct: Ct);
        await one.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "only-one", Namespace = "default" } }, Ct);
        Assert.DoesNotContain((await other.Client.ListAsync<ConfigMap>("default", null, Ct)).Items, m => m.Metadata.Name == "only-one");
    }

    [Fact]
    public async Task Kubectl_reaches_it_over_https()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Https = true }, Ct);
        var file = cluster.KubeconfigFile();
        Assert.Contains("configmap/kubectl created", await Kubectl.RunAsync(file, "create", "configmap", "kubectl", "--from-literal=a=b"));
        Assert.Contains("kubectl", await Kubectl.RunAsync(file, "get", "configmaps"));
        Assert.Contains("yes", await Kubectl.RunAsync(file, "auth", "can-i", "delete", "nodes"));
    }
}
