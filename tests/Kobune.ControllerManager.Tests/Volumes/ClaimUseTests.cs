using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.StorageProtection;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests.Volumes;

/// <summary>Which pods keep a claim from going.</summary>
public class ClaimUseTests
{
    [Theory]
    [InlineData("runs", "n1", "Running", "claim", null, true)]
    [InlineData("waits for its node", "", "Pending", "claim", null, false)]
    [InlineData("has another claim", "n1", "Running", "other", null, false)]
    [InlineData("has failed and is still there", "n1", "Failed", "claim", null, true)]
    [InlineData("has succeeded and is still there", "n1", "Succeeded", "claim", null, true)]
    [InlineData("goes", "n1", "Running", "claim", 30L, true)]
    [InlineData("is held by finalizers alone", "n1", "Succeeded", "claim", 0L, true)]
    [InlineData("has an ephemeral volume of it", "n1", "Succeeded", "own", null, true)]
    [InlineData("has an ephemeral volume of it and is held by finalizers alone", "n1", "Succeeded", "own", 0L, false)]
    [InlineData("has an ephemeral volume of its name", "n1", "Running", "foreign", null, false)]
    public void A_pod_that(string name, string node, string phase, string volume, long? grace, bool expected)
    {
        var pod = Pod("p");
        pod = pod with
        {
            Metadata = pod.Metadata with { Uid = "u", DeletionTimestamp = grace is null ? null : Now, DeletionGracePeriodSeconds = grace },
            Spec = new()
            {
                NodeName = node,
                Volumes = volume is "own" or "foreign" ? [new() { Name = "v", Ephemeral = new() { VolumeClaimTemplate = new() } }] : [new() { Name = "v", PersistentVolumeClaim = new() { ClaimName = volume } }],
            },
            Status = new() { Phase = phase },
        };
        var claim = new PersistentVolumeClaim
        {
            Metadata = new ObjectMeta
            {
                Name = volume is "own" or "foreign" ? "p-v" : "claim",
                Namespace = pod.Metadata.Namespace,
                OwnerReferences = volume == "own" ? [new() { Kind = "Pod", APIVersion = "v1", Name = "p", Uid = "u", Controller = true }] : [],
            },
        };
        Assert.Equal((name, expected), (name, ProtectionController.Uses(pod, claim)));
        Assert.False(ProtectionController.Uses(pod, claim with { Metadata = claim.Metadata with { Namespace = "elsewhere" } }));
    }
}
