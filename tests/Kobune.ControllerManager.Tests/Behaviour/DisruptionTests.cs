using Kobune.Api;
using Kobune.Api.ApiExtensions.V1;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Policy.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Budgets, from the pods of all kinds of owners to evictions.</summary>
public class DisruptionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_budget_tells_what_may_go_and_an_eviction_takes_it()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(Budget("web", new() { MaxUnavailable = "34%" }), Ct);
        await Status(cluster, "insufficient without pods", s => s is { ExpectedPods: 0, DisruptionsAllowed: 0, ObservedGeneration: 1, Conditions: [{ Type: "DisruptionAllowed", Status: "False", Reason: "InsufficientPods" }] });
        await cluster.Sees<Event>("default", "that there are no pods", all => all.Any(e => e is { Reason: "NoPods", Type: "Normal", Message: "No matching pods found", Source.Component: "controllermanager" }));

        var deployment = TestObjects.Deployment(3) with { Metadata = new ObjectMeta { Namespace = "default", Name = "web" } };
        await cluster.Admin.CreateAsync(deployment, Ct);
        await Status(cluster, "two of three to be allowed: 34 % rounds up", s => s is { ExpectedPods: 3, DesiredHealthy: 1, CurrentHealthy: 3, DisruptionsAllowed: 2, Conditions: [{ Status: "True", Reason: "SufficientPods" }] });

        var pods = await cluster.Sees<Pod>("default", "three ready pods", all => all.Count == 3);
        await EvictAsync(cluster, pods[0].Metadata.Name);
        await cluster.Sees<Pod>("default", "the pod to be gone and another there", all => all.All(p => p.Metadata.Uid != pods[0].Metadata.Uid) && all.Count == 3);
        await Status(cluster, "two again, nothing taken", s => s is { CurrentHealthy: 3, DisruptionsAllowed: 2, DisruptedPods.Count: 0 });
    }

    [Fact]
    public async Task An_eviction_is_refused_until_the_budget_allows_it()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(Pod("p"), Ct);
        var budget = await cluster.Admin.CreateAsync(Budget("web", new() { MinAvailable = 1 }), Ct);
        await Status(cluster, "one healthy pod that is needed", s => s is { ExpectedPods: 1, DesiredHealthy: 1, CurrentHealthy: 1, DisruptionsAllowed: 0 });
        var refusal = await Assert.ThrowsAsync<ApiException>(() => EvictAsync(cluster, "p"));
        Assert.Equal((429, "Cannot evict pod as it would violate the pod's disruption budget."), (refusal.Code, refusal.Message));
        var cause = Assert.Single(refusal.Status!.Details!.Causes);
        Assert.Equal(("DisruptionBudget", "The disruption budget web needs 1 healthy pods and has 1 currently"), (cause.Type, cause.Message));

        budget = await cluster.Admin.GetAsync<PodDisruptionBudget>("default", "web", Ct);
        await cluster.Admin.UpdateAsync(budget with { Spec = budget.Spec with { MinAvailable = 0 } }, Ct);
        await Status(cluster, "one may go", s => s is { DesiredHealthy: 0, DisruptionsAllowed: 1, ObservedGeneration: 2 });
        await EvictAsync(cluster, "p");
        await cluster.Sees<Pod>("default", "the pod to be gone", all => all.Count == 0);
    }

    [Fact]
    public async Task Pods_without_a_controller_are_told_of_where_their_number_is_needed()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(Pod("p"), Ct);
        await cluster.Admin.CreateAsync(Budget("web", new() { MaxUnavailable = 1 }), Ct);
        await Status(cluster, "none expected", s => s is { ExpectedPods: 0, CurrentHealthy: 1, DisruptionsAllowed: 0 });
        await cluster.Sees<Event>("default", "the warning", all => all.Any(e => e is { Reason: "UnmanagedPods", Type: "Warning" }
            && e.Message.StartsWith("Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_budget_that_cannot_be_computed_says_so_and_another_of_the_pod_is_told_of()
    {
        await using var cluster = await TestCluster.StartAsync();
        var owner = await cluster.Admin.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Namespace = "default", Name = "owner" } }, Ct);
        await cluster.Admin.CreateAsync(Budget("other", new() { MinAvailable = 1 }), Ct);
        await cluster.Admin.CreateAsync(Budget("web", new() { MinAvailable = "50%" }), Ct);
        await Status(cluster, "the first status", s => s.ObservedGeneration == 1);
        var pod = Pod("p");
        await cluster.Admin.CreateAsync(pod with { Metadata = pod.Metadata with { OwnerReferences = [new() { APIVersion = "v1", Kind = "ConfigMap", Name = "owner", Uid = owner.Metadata.Uid, Controller = true }] } }, Ct);
        await Status(cluster, "the failure", s => s is { DisruptionsAllowed: 0, Conditions: [{ Status: "False", Reason: "SyncFailed", Message: "configmaps does not implement the scale subresource" }] });
        await cluster.Sees<Event>("default", "both warnings", all =>
            all.Any(e => e is { Reason: "CalculateExpectedPodCountFailed", Message: "Failed to calculate the number of expected pods: configmaps does not implement the scale subresource" })
            && all.Any(e => e.Reason == "MultiplePodDisruptionBudgets" && e.Message.StartsWith("Pod \"default\"/\"p\" matches multiple PodDisruptionBudgets.  Chose ", StringComparison.Ordinal)));
        await cluster.Sees<Pod>("default", "the pod runs: one that is pending goes whatever budgets say", all => all.Any(p => p.Status.Phase == PodPhase.Running));
        var refusal = await Assert.ThrowsAsync<ApiException>(() => EvictAsync(cluster, "p"));
        Assert.Equal((500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."), (refusal.Code, refusal.Message));
    }

    [Fact]
    public async Task Owners_of_other_kinds_are_asked_for_their_scale()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(
            new CustomResourceDefinition
            {
                Metadata = new ObjectMeta { Name = "fleets.example.test" },
                Spec = new()
                {
                    Group = "example.test",
                    Scope = "Namespaced",
                    Names = new() { Kind = "Fleet", Plural = "fleets" },
                    Versions =
                    [
                        new()
                        {
                            Name = "v1",
                            Served = true,
                            Storage = true,
                            Schema = new() { OpenAPIV3Schema = new() { Type = "object", XPreserveUnknownFields = true } },
                            Subresources = new() { Scale = new() { SpecReplicasPath = ".spec.replicas", StatusReplicasPath = ".status.replicas" } },
                        },
                    ],
                },
            },
            Ct);
        await cluster.Sees<CustomResourceDefinition>("", "the kind to be served", all => all.Any(c => c.Status.Conditions.Any(x => x is { Type: "Established", Status: "True" })));
        var fleet = await cluster.PostAsync("/apis/example.test/v1/namespaces/default/fleets", """{"apiVersion":"example.test/v1","kind":"Fleet","metadata":{"name":"f"},"spec":{"replicas":4}}""");
        var pod = Pod("p");
        await cluster.Admin.CreateAsync(pod with { Metadata = pod.Metadata with { OwnerReferences = [new() { APIVersion = "example.test/v1", Kind = "Fleet", Name = "f", Uid = fleet, Controller = true }] } }, Ct);
        await cluster.Admin.CreateAsync(Budget("web", new() { MinAvailable = "50%" }), Ct);
        await Status(cluster, "half of four", s => s is { ExpectedPods: 4, DesiredHealthy: 2, CurrentHealthy: 1, DisruptionsAllowed: 0 });
    }

    [Fact]
    public async Task A_disruption_that_did_not_come_is_taken_back()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(Pod("p"), Ct);
        var pod = Assert.Single(await cluster.Sees<Pod>("default", "a running pod", all => all is [{ Status.Phase: PodPhase.Running }]));
        var said = new PodCondition { Type = PodConditionType.DisruptionTarget, Status = "True", Reason = "PreemptionByScheduler", LastTransitionTime = TimeProvider.System.GetUtcNow().AddMinutes(-3) };
        await cluster.Admin.UpdateStatusAsync(pod with { Status = pod.Status with { Conditions = [.. pod.Status.Conditions, said] } }, Ct);
        await cluster.Sees<Pod>("default", "the condition to be false", all => all.Any(p => p.Status.Conditions.Any(c => c is { Type: "DisruptionTarget", Status: "False", Reason: "" })));
    }

    private static async Task Status(TestCluster cluster, string expected, Func<PodDisruptionBudgetStatus, bool> holds) =>
        await cluster.Sees<PodDisruptionBudget>("default", expected, all => all.Any(b => b.Metadata.Name == "web" && holds(b.Status)));

    private static async Task EvictAsync(TestCluster cluster, string pod) =>
        await cluster.Admin.CreateSubresourceAsync<Pod, Eviction, Status>("default", pod, "eviction", new Eviction { Metadata = new ObjectMeta { Namespace = "default", Name = pod } }, Ct);

    private static Pod Pod(string name) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = name, Labels = TestObjects.Web },
        Spec = new PodSpec { Containers = [new Container { Name = "c", Image = "app" }] },
    };

    private static PodDisruptionBudget Budget(string name, PodDisruptionBudgetSpec spec) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = name },
        Spec = spec with { Selector = new LabelSelector { MatchLabels = TestObjects.Web } },
    };
}
