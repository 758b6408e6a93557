using Kobune.ControllerManager.NodeTtl;

namespace Kobune.ControllerManager.Tests;

public class NodeTtlPlanTests
{
    [Theory]
    [InlineData(100, 0, 0)]
    [InlineData(101, 0, 15)]
    [InlineData(101, 11, 15)]
    [InlineData(101, 12, 0)]
    [InlineData(501, 0, 30)]
    [InlineData(501, 51, 30)]
    [InlineData(501, 52, 15)]
    [InlineData(1001, 0, 60)]
    [InlineData(2001, 0, 300)]
    [InlineData(10001, 0, 600)]
    public void Kubelets_may_keep_the_longer_the_more_nodes_there_are(int came, int went, int seconds)
    {
        var plan = new NodeTtlPlan();
        for (var i = 0; i < came; i++)
        {
            plan.Counted(true);
        }

        for (var i = 0; i < went; i++)
        {
            plan.Counted(false);
        }

        Assert.Equal(seconds, plan.Seconds);
    }
}
