using Kobune.Api.Core.V1;
using Kobune.Kubelet.Images;
using Kobune.Kubelet.Tests.Pods;

namespace Kobune.Kubelet.Tests.Images;

/// <summary>How many images are pulled at once.</summary>
public class ImagePullTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(0, 3)]
    public async Task Pulls_wait_for_one_another_when_that_is_set(int limit, int atOnce)
    {
        await using var bench = new WorkerBench();
        using var slots = limit > 0 ? new SemaphoreSlim(limit) : null;
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (running, most) = (0, 0);
        bench.Runtime.OnPull = async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await hold.Task;
            Interlocked.Decrement(ref running);
        };
        var images = new ImageManager(bench.Runtime, bench, (_, _, _) => Task.FromResult<IReadOnlyList<Cri.AuthConfig>>([]), bench.Time) { Slots = slots };
        var pulls = Enumerable.Range(0, 3).Select(i => images.EnsureAsync(new Pod { Metadata = new() { Uid = "u" + i } }, new Container { Name = "c", Image = $"new:{i}" }, null, TestContext.Current.CancellationToken)).ToArray();
        Assert.Equal(atOnce, Volatile.Read(ref running));
        hold.SetResult();
        await Task.WhenAll(pulls).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(atOnce, most);
    }
}
