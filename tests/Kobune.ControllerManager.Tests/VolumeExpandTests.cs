using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.ControllerManager.VolumeExpansion;

namespace Kobune.ControllerManager.Tests;

/// <summary>What the controller of growing claims says, and when it comes again.</summary>
public class VolumeExpandTests
{
    private static readonly PersistentVolumeClaim Claim = new()
    {
        Metadata = new() { Name = "data", Namespace = "default", Uid = "1" },
        Spec = new() { VolumeName = "pv", Resources = new() { Requests = Storage("2Gi") } },
        Status = new() { Phase = "Bound", Capacity = Storage("1Gi") },
    };

    [Theory]
    [InlineData(null, "failed to get PV \"pv\"")]
    [InlineData("", "persistent Volume is not bound to PVC being updated : default/data")]
    [InlineData("2", "persistent Volume is not bound to PVC being updated : default/data")]
    public async Task A_claim_whose_volume_is_not_seen_as_bound_yet_comes_again(string? boundTo, string expected)
    {
        var (reconciler, events) = Over(boundTo is null ? [] : [Volume(boundTo)]);
        var again = await Assert.ThrowsAsync<InvalidOperationException>(() => reconciler.ReconcileAsync(ObjectKey.Of(Claim), TestContext.Current.CancellationToken));
        Assert.Equal(expected, again.Message);
        Assert.Empty(events.Said);
    }

    [Fact]
    public async Task Who_is_to_grow_a_bound_volume_is_said()
    {
        var (reconciler, events) = Over(Volume("1"));
        await reconciler.ReconcileAsync(ObjectKey.Of(Claim), TestContext.Current.CancellationToken);
        Assert.Equal(["Warning ExternalExpanding waiting for an external controller to expand this PVC"], events.Said);
    }

    private static (VolumeExpandReconciler Reconciler, SaidEvents Events) Over(params PersistentVolume[] volumes)
    {
        var events = new SaidEvents();
        return (new(new ListCache<PersistentVolumeClaim>(Claim), new ListCache<PersistentVolume>(volumes), events), events);
    }

    private static PersistentVolume Volume(string boundTo) =>
        new() { Metadata = new() { Name = "pv" }, Spec = new() { ClaimRef = boundTo.Length == 0 ? null : new() { Uid = boundTo }, HostPath = new() { Path = "/data" } } };

    private static Dictionary<string, Quantity> Storage(string size) => new() { ["storage"] = Quantity.Parse(size) };

    private sealed class SaidEvents : IEventRecorder
    {
        public List<string> Said { get; } = [];

        public void Record(ObjectReference involved, string type, string reason, string message) => Said.Add($"{type} {reason} {message}");
    }
}
