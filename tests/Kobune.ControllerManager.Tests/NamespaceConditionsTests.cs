using Kobune.Api.Core.V1;
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
}
