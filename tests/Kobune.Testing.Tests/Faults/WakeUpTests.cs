using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Certificates.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Rbac.V1;

namespace Kobune.Testing.Tests.Faults;

/// <summary>A step that failed, or that rested on what a cache did not show yet, is made again although no event follows.</summary>
public sealed class WakeUpTests
{
    private static readonly TestClusterOptions Options = new() { FakeTime = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_orphan_whose_adoption_lost_a_race_is_adopted_and_no_pod_is_made_in_its_place()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        var template = Manifests.Template("r");
        await cluster.Client.CreateAsync(new Pod { Metadata = new() { Name = "orphan", Namespace = "default", Labels = template.Metadata.Labels }, Spec = template.Spec }, Ct);
        await cluster.Time.SettleAsync(Ct);
        using var conflict = cluster.Faults.Conflict(new() { Verb = "patch", Resource = "pods", Identity = "system:serviceaccount:kube-system:replicaset-controller" }, times: 1);
        await cluster.Client.CreateAsync(new ReplicaSet { Metadata = new() { Name = "r", Namespace = "default" }, Spec = new() { Replicas = 1, Selector = new() { MatchLabels = template.Metadata.Labels }, Template = template } }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.Equal(1, conflict.Hits);
        Assert.Equal("r", Assert.Single((await cluster.Client.GetAsync<Pod>("default", "orphan", Ct)).Metadata.OwnerReferences).Name);
        Assert.Single(cluster.History.Created<Pod>("default"));
    }

    [Fact]
    public async Task A_pod_that_keeps_its_finalizer_after_a_lost_race_is_counted_once()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        using var conflict = cluster.Faults.Conflict(new() { Verb = "patch", Resource = "pods", Identity = "system:serviceaccount:kube-system:job-controller" }, times: 1);
        var job = Manifests.Job("j", ("run-duration", "1s"));
        await cluster.Client.CreateAsync(job with { Spec = job.Spec with { Completions = 3, Parallelism = 1 } }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.Equal((1, 3, 3), (conflict.Hits, (await cluster.Client.GetAsync<Job>("default", "j", Ct)).Status.Succeeded, cluster.History.Created<Pod>("default").Count));
    }

    [Fact]
    public async Task A_pod_of_a_gone_node_goes_after_a_lost_race()
    {
        await using var cluster = await TestCluster.StartAsync(Options with { Nodes = 2 }, Ct);
        await cluster.Client.CreateAsync(new Pod { Metadata = new() { Name = "p", Namespace = "default" }, Spec = Manifests.Template("p").Spec with { NodeName = "node-1" } }, Ct);
        await cluster.Time.SettleAsync(Ct);
        using var conflict = cluster.Faults.Conflict(new() { Verb = "patch", Resource = "pods/status", Identity = "system:serviceaccount:kube-system:pod-garbage-collector" }, times: 1);
        cluster.StopNode("node-1");
        await cluster.Client.DeleteAsync<Node>("", "node-1", null, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        Assert.Equal(1, conflict.Hits);
        Assert.Empty((await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items);
    }

    [Fact]
    public async Task A_node_that_was_taken_for_lost_and_is_not_says_so()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        using (cluster.Faults.HoldWatches(new() { Resource = "leases", Identity = "system:kube-controller-manager" }))
        {
            await cluster.Time.AdvanceUntilAsync(async () => await ReadyAsync(cluster) == "Unknown", TimeSpan.FromMinutes(2), Ct);
        }

        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.Equal("True", await ReadyAsync(cluster));
    }

    [Fact]
    public async Task A_request_for_a_certificate_is_approved_when_a_role_comes_to_allow_it()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await AllowAsync(cluster, "ask", "certificatesigningrequests");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest("O=system:nodes,CN=system:node:n", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var spec = new CertificateSigningRequestSpec { Request = Encoding.ASCII.GetBytes(pem), SignerName = "kubernetes.io/kube-apiserver-client-kubelet", Usages = ["client auth", "digital signature"] };
        await cluster.ClientFor("boot").CreateAsync(new CertificateSigningRequest { Metadata = new() { Name = "n" }, Spec = spec }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.Empty((await cluster.Client.GetAsync<CertificateSigningRequest>("", "n", Ct)).Status.Conditions);
        await AllowAsync(cluster, "node", "certificatesigningrequests/nodeclient");
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(5), Ct);
        Assert.Equal("AutoApproved", Assert.Single((await cluster.Client.GetAsync<CertificateSigningRequest>("", "n", Ct)).Status.Conditions, c => c.Type == "Approved").Reason);
    }

    private static async Task AllowAsync(TestCluster cluster, string role, string resource)
    {
        await cluster.Client.CreateAsync(new ClusterRole { Metadata = new() { Name = role }, Rules = [new() { APIGroups = ["certificates.k8s.io"], Resources = [resource], Verbs = ["create"] }] }, Ct);
        await cluster.Client.CreateAsync(
            new ClusterRoleBinding { Metadata = new() { Name = role }, RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = role }, Subjects = [new() { APIGroup = "rbac.authorization.k8s.io", Kind = "User", Name = "boot" }] }, Ct);
    }

    private static async Task<string> ReadyAsync(TestCluster cluster) => (await cluster.Client.GetAsync<Node>("", "node-0", Ct)).Status.Conditions.Single(c => c.Type == "Ready").Status;
}
