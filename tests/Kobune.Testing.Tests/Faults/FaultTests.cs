using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;

namespace Kobune.Testing.Tests.Faults;

public sealed class FaultTests
{
    private static readonly TestClusterOptions Options = new() { FakeTime = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refusal_strikes_whom_it_is_for_as_often_as_it_should()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        using var fault = cluster.Faults.InternalError(new() { Verb = "get", Resource = "configmaps", Identity = "kubernetes-admin", Name = "kube-root-ca.crt" }, times: 2);
        Assert.Equal(500, (await RefusalAsync(cluster)).Status.Code);
        Assert.Equal(500, (await RefusalAsync(cluster)).Status.Code);
        await cluster.Client.GetAsync<ConfigMap>("default", "kube-root-ca.crt", Ct);
        await cluster.ClientFor("system:kube-controller-manager").ListAsync<ConfigMap>("default", null, Ct);
        Assert.Equal(2, fault.Hits);
    }

    [Fact]
    public async Task Controllers_get_over_conflicts_server_errors_and_too_many_requests()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        using var conflicts = cluster.Faults.Conflict(new() { Verb = "update" }, times: 5);
        using var errors = cluster.Faults.InternalError(new() { Verb = "create", Resource = "pods" }, times: 3);
        using var busy = cluster.Faults.TooManyRequests(new() { Verb = "create", Resource = "pods/binding" }, times: 3);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 3), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(5), Ct);
        Assert.Equal(3, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.AvailableReplicas);
        Assert.Equal((3, 3), (errors.Hits, busy.Hits));
        Assert.InRange(conflicts.Hits, 1, 5);
    }

    [Fact]
    public async Task A_late_request_takes_the_clusters_time_and_none_of_the_tests()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        var before = cluster.Time.GetUtcNow();
        using var late = cluster.Faults.Delay(new() { Verb = "get", Resource = "configmaps" }, TimeSpan.FromSeconds(20));
        await cluster.Client.GetAsync<ConfigMap>("default", "kube-root-ca.crt", Ct);
        Assert.Equal(before.AddSeconds(20), cluster.Time.GetUtcNow());
    }

    [Fact]
    public async Task A_simulated_node_gets_over_a_conflict_that_no_change_follows()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        using var conflict = cluster.Faults.Conflict(new() { Verb = "patch", Resource = "pods/status", Identity = "system:node:node-0" }, times: 1);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 1), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.Equal((1, 1), (conflict.Hits, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.ReadyReplicas));
    }

    [Fact]
    public async Task A_node_comes_back_though_its_requests_are_late()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        cluster.StopNode("node-0");
        using var late = cluster.Faults.Delay(new() { Verb = "create", Resource = "nodes" }, TimeSpan.FromSeconds(20));
        var before = cluster.Time.GetUtcNow();
        await cluster.StartNodeAsync("node-0", Ct);
        Assert.InRange(cluster.Time.GetUtcNow(), before.AddSeconds(20), before.AddSeconds(21));
    }

    [Fact]
    public async Task A_client_that_is_to_come_later_comes_later_by_the_clusters_clock()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        var before = cluster.Time.GetUtcNow();
        using var busy = cluster.Faults.TooManyRequests(new() { Verb = "get", Resource = "configmaps" }, times: 3);
        await cluster.Client.GetAsync<ConfigMap>("default", "kube-root-ca.crt", Ct);
        Assert.Equal((3, before.AddSeconds(3)), (busy.Hits, cluster.Time.GetUtcNow()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Caches_recover_from_watches_that_end(bool expired)
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        var match = new Testing.Faults.RequestMatch { Resource = "deployments" };
        Assert.True((expired ? cluster.Faults.ExpireWatches(match) : cluster.Faults.DropWatches(match)) > 1);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 1), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(5), Ct);
        Assert.Equal(1, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.AvailableReplicas);
        Assert.True(cluster.Faults.OpenWatches > 50);
    }

    [Fact]
    public async Task A_stale_cache_makes_no_pod_twice()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 2), Ct);
        await cluster.Time.SettleAsync(Ct);
        using (cluster.Faults.HoldWatches(new() { Resource = "pods", Identity = "system:kube-controller-manager" }))
        {
            var web = await cluster.Client.GetAsync<Deployment>("default", "web", Ct);
            await cluster.Client.UpdateAsync(web with { Spec = web.Spec with { Replicas = 5 } }, Ct);
            await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
            Assert.Equal(2, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.AvailableReplicas);
        }

        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.Equal(5, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.AvailableReplicas);
        Assert.Equal(5, cluster.History.Created<Pod>("default").Count);
    }

    [Fact]
    public async Task A_set_that_was_freed_behind_a_stale_cache_is_adopted_and_no_other_is_made()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 2), Ct);
        await cluster.Time.SettleAsync(Ct);
        var set = Assert.Single((await cluster.Client.ListAsync<ReplicaSet>("default", null, Ct)).Items);
        using (cluster.Faults.HoldWatches(new() { Resource = "replicasets", Identity = "system:kube-controller-manager" }))
        {
            await cluster.Client.DeleteAsync<Deployment>("default", "web", new DeleteOptions { PropagationPolicy = DeletionPropagation.Orphan }, Ct);
            await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
            Assert.Empty((await cluster.Client.GetAsync<ReplicaSet>("default", set.Metadata.Name, Ct)).Metadata.OwnerReferences);
            await cluster.Client.CreateAsync(Manifests.Deployment("web", 2), Ct);
            await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(10), Ct);
        }

        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        var adopted = Assert.Single((await cluster.Client.ListAsync<ReplicaSet>("default", null, Ct)).Items);
        var web = await cluster.Client.GetAsync<Deployment>("default", "web", Ct);
        Assert.Equal((set.Metadata.Uid, web.Metadata.Uid), (adopted.Metadata.Uid, adopted.Metadata.OwnerReferences.Single().Uid));
        Assert.Null(web.Status.CollisionCount);
    }

    [Fact]
    public async Task A_stopped_controller_does_nothing_and_catches_up_when_it_is_started()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await cluster.StopControllerAsync("replicaset-controller");
        await cluster.StopControllerAsync("kube-scheduler");
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 2), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.Single((await cluster.Client.ListAsync<ReplicaSet>("default", null, Ct)).Items);
        Assert.Empty((await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items);

        await cluster.StartControllerAsync("replicaset-controller");
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.All((await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items, p => Assert.Equal("", p.Spec.NodeName));
        await cluster.StartControllerAsync("kube-scheduler");
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.Equal(2, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.AvailableReplicas);
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.StopControllerAsync("no-controller"));
    }

    [Fact]
    public async Task A_webhook_of_the_test_is_asked_and_can_fail()
    {
        using var webhook = new Allowing();
        await using var cluster = await TestCluster.StartAsync(Options with { Outbound = target => target.Host == "webhook.example" ? webhook : null }, Ct);
        await cluster.Client.CreateAsync(
            new ValidatingWebhookConfiguration
            {
                Metadata = new() { Name = "w" },
                Webhooks =
                [
                    new()
                    {
                        Name = "w.example.com",
                        ClientConfig = new() { URL = "https://webhook.example/check" },
                        Rules = [new() { Operations = ["CREATE"], APIGroups = [""], APIVersions = ["v1"], Resources = ["secrets"] }],
                        SideEffects = "None",
                        AdmissionReviewVersions = ["v1"],
                        FailurePolicy = "Fail",
                    },
                ],
            },
            Ct);
        await cluster.Client.CreateAsync(new Secret { Metadata = new() { Name = "a", Namespace = "default" } }, Ct);
        Assert.Equal(1, webhook.Calls);
        using (cluster.Faults.FailWebhooks("webhook.example", times: 1))
        {
            var refused = await Assert.ThrowsAsync<ApiException>(() => cluster.Client.CreateAsync(new Secret { Metadata = new() { Name = "b", Namespace = "default" } }, Ct));
            Assert.Contains("failed calling webhook \"w.example.com\"", refused.Message, StringComparison.Ordinal);
            Assert.Contains("connect: connection refused", refused.Message, StringComparison.Ordinal);
            await cluster.Client.CreateAsync(new Secret { Metadata = new() { Name = "c", Namespace = "default" } }, Ct);
        }

        Assert.Equal(2, webhook.Calls);
    }

    private static Task<ApiException> RefusalAsync(TestCluster cluster) =>
        Assert.ThrowsAsync<ApiException>(() => cluster.Client.GetAsync<ConfigMap>("default", "kube-root-ca.crt", Ct));

    private sealed class Allowing : HttpMessageHandler
    {
        public int Calls { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Calls++;
            var review = System.Text.Json.Nodes.JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
            var answer = $$$"""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"{{{review["request"]!["uid"]}}}","allowed":true}}""";
            return new(System.Net.HttpStatusCode.OK) { Content = new StringContent(answer, System.Text.Encoding.UTF8, "application/json") };
        }
    }
}
