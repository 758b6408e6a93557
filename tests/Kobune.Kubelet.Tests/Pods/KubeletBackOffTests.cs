using Kobune.Kubelet.Pods;

namespace Kobune.Kubelet.Tests.Pods;

public class KubeletBackOffTests
{
    [Fact]
    public void Pause_doubles_to_its_limit_and_is_forgotten_after_twice_the_limit()
    {
        var time = new ManualTime();
        var backOff = new KubeletBackOff(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), time);
        Assert.Equal(TimeSpan.Zero, backOff.Remaining("k", time.GetUtcNow()));
        int[] expected = [10, 20, 40, 80, 160, 300, 300];
        foreach (var seconds in expected)
        {
            backOff.Next("k", time.GetUtcNow());
            Assert.Equal(TimeSpan.FromSeconds(seconds), backOff.Remaining("k", time.GetUtcNow()));
            time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(TimeSpan.Zero, backOff.Remaining("k", time.GetUtcNow() - TimeSpan.FromSeconds(seconds)));
        }

        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(TimeSpan.Zero, backOff.Remaining("k", time.GetUtcNow()));
        backOff.Next("k", time.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(10), backOff.Pause("k"));
    }
}
