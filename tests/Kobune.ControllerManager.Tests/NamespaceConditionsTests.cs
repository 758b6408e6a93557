using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Namespaces;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests;

public class NamespaceConditionsTests
{
    [Fact]
    public void What_remains_is_named_in_upstreams_words()
    {
        var report = new ContentReport
        {
            DiscoveryFailures = new Dictionary<string, string> { ["metrics.k8s.io/v1beta1"] = "the server is currently unable to handle the request" },
            DeletionFailures = ["pods.: no"],
            Remaining = new Dictionary<string, int> { ["pods."] = 2, ["widgets.example.com"] = 1 },
            Finalizers = new Dictionary<string, int> { ["example.com/keep"] = 1 },
        };
        var conditions = NamespaceConditions.Apply(NamespaceStatus.Empty, report, Now).Conditions.ToDictionary(c => c.Type);
        Assert.Equal(5, conditions.Count);
        Assert.Equal("Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request", conditions["NamespaceDeletionDiscoveryFailure"].Message);
        Assert.Equal(("False", "ParsedGroupVersions"), (conditions["NamespaceDeletionGroupVersionParsingFailure"].Status, conditions["NamespaceDeletionGroupVersionParsingFailure"].Reason));
        Assert.Equal("Failed to delete all resource types, 1 remaining: pods.: no", conditions["NamespaceDeletionContentFailure"].Message);
        Assert.Equal("Some resources are remaining: pods. has 2 resource instances, widgets.example.com has 1 resource instances", conditions["NamespaceContentRemaining"].Message);
        Assert.Equal("Some content in the namespace has finalizers remaining: example.com/keep in 1 resource instances", conditions["NamespaceFinalizersRemaining"].Message);
    }

    [Fact]
    public void An_empty_namespace_says_so_and_unchanged_conditions_keep_their_time()
    {
        var once = NamespaceConditions.Apply(NamespaceStatus.Empty, new(), Now);
        Assert.All(once.Conditions, c => Assert.Equal("False", c.Status));
        Assert.Equal(once, NamespaceConditions.Apply(once, new(), Now.AddHours(1)));
    }

    [Theory]
    [InlineData("pods that end", 10, "Running:30,Running:5", 30)]
    [InlineData("pods that have had their time", 31, "Running:30", 0)]
    [InlineData("pods that have ended", 0, "Succeeded:30,Failed:30,Running:5", 5)]
    [InlineData("no pods", 0, "", 0)]
    public void Pods_are_waited_for_as_long_as_they_may_take(string name, int passed, string pods, long expected)
    {
        var all = pods.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split(':')).Select(p => Pod("p", phase: p[0]) with { Spec = new() { TerminationGracePeriodSeconds = long.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture) } }).ToList();
        Assert.Equal((name, expected), (name, NamespaceContent.GraceSeconds(all, TimeSpan.FromSeconds(passed))));
    }

    [Theory]
    [InlineData("nothing is left", "", 0, null)]
    [InlineData("what is left has time", "a", 5, null)]
    [InlineData("a finalizer holds one", "a,f", 0, null)]
    [InlineData("nothing holds what is left", "a,b", 0, "unexpected items still remain in namespace: gone for gvr: apps/v1, Resource=deployments")]
    public void What_is_left_without_a_reason_is_told(string name, string left, long grace, string? expected)
    {
        var items = left.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => new PartialObjectMetadata { Metadata = new ObjectMeta { Name = n, Finalizers = n == "f" ? ["example.com/keep"] : [] } }).ToList();
        Assert.Equal((name, expected), (name, NamespaceContent.Unexpected("gone", Api.Apps.V1.Deployment.Resource, items, grace)));
        Assert.Equal("unexpected items still remain in namespace: gone for gvr: /v1, Resource=pods", NamespaceContent.Unexpected("gone", Api.Core.V1.Pod.Resource, [new PartialObjectMetadata()], 0));
    }
}
