using Kobune.Addons.Storage;
using Kobune.Api.Core.V1;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Kobune.Tests;

namespace Kobune.Addons.Tests.Storage;

public class VolumeReclaimerTests
{
    [Fact]
    public async Task A_recycled_volume_that_is_not_yet_called_available_is_left_alone()
    {
        var volume = new PersistentVolume
        {
            Metadata = new() { Name = "used" },
            Spec = new() { HostPath = new() { Path = "/tmp/used" }, PersistentVolumeReclaimPolicy = "Recycle" },
            Status = new() { Phase = "Released" },
        };
        var options = new StorageOptions { NodeName = "n", IsPrimary = true };
        var reclaimer = new VolumeReclaimer(new ListCache<PersistentVolume>(volume), new ListCache<Node>(), null!, null!, new(options.Directory), options); // nobody to write to
        Assert.Equal(ReconcileResult.Done, await reclaimer.ReconcileAsync(new("", "used"), TestContext.Current.CancellationToken));
    }
}
