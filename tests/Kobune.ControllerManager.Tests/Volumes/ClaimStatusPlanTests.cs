using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ControllerManager.PersistentVolumes;

namespace Kobune.ControllerManager.Tests.Volumes;

public class ClaimStatusPlanTests
{
    private sealed record Case(string Name, PersistentVolumeClaimStatus Status, string Phase, PersistentVolume? Volume, string Modes = "RWO", string? Capacity = "10Gi", string? Class = null);

    private static readonly PersistentVolumeClaimStatus Bound = new() { Phase = "Bound", AccessModes = ["RWO"], Capacity = Storage("5Gi"), CurrentVolumeAttributesClassName = "silver" };

    private static readonly Case[] Cases =
    [
        new("becomes bound", new() { Phase = "Pending" }, "Bound", Volume()),
        new("has the class of its volume when it becomes bound", new() { Phase = "Pending" }, "Bound", Volume() with { Spec = Volume().Spec with { VolumeAttributesClassName = "gold" } }, Class: "gold"),
        new("forgets another class then", new() { Phase = "Pending", CurrentVolumeAttributesClassName = "silver" }, "Bound", Volume()),
        new("keeps its size and class while it is bound", Bound, "Bound", Volume(), Capacity: "5Gi", Class: "silver"),
        new("has the volume's modes of now", Bound, "Bound", Volume() with { Spec = Volume().Spec with { AccessModes = ["RWO", "ROX"] } }, Modes: "RWO,ROX", Capacity: "5Gi", Class: "silver"),
        new("has what a file system has that is to be grown", new() { Phase = "Pending" }, "Bound", Annotated("7Gi"), Capacity: "7Gi"),
        new("has the size of the volume where that cannot be read", new() { Phase = "Pending" }, "Bound", Annotated("much")),
        new("is bound again after it was lost", Bound with { Phase = "Lost" }, "Bound", Volume(), Class: "silver"),
        new("has nothing when it is lost", Bound, "Lost", null, Modes: "", Capacity: null),
        new("has nothing while it waits", Bound, "Pending", null, Modes: "", Capacity: null),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_claim(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var status = ClaimStatusPlan.Compute(c.Status, c.Phase, c.Volume);
        Assert.Equal(
            (c.Phase, c.Modes, c.Capacity, c.Class),
            (status.Phase, string.Join(',', status.AccessModes), status.Capacity.TryGetValue("storage", out var size) ? size.ToString() : null, status.CurrentVolumeAttributesClassName));
    }

    private static PersistentVolume Volume() => new() { Spec = new() { AccessModes = ["RWO"], Capacity = Storage("10Gi") } };

    private static PersistentVolume Annotated(string size) =>
        Volume() with { Metadata = new() { Annotations = new Dictionary<string, string> { ["volume.alpha.kubernetes.io/pre-resize-capacity"] = size } } };

    private static Dictionary<string, Quantity> Storage(string size) => new() { ["storage"] = Quantity.Parse(size) };
}
