using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Tests.Containers;

public class ExpansionTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("$(A)", "1")]
    [InlineData("x$(A)y$(B)z", "x1y2z")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("$(NONE)", "$(NONE)")]
    [InlineData("$(A", "$(A")]
    [InlineData("$A", "$A")]
    [InlineData("100$", "100$")]
    [InlineData("$()", "$()")]
    [InlineData("$(A)$", "1$")]
    public void References_expand_as_upstream_does(string input, string output)
    {
        var values = new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" };
        Assert.Equal(output, Expansion.Expand(input, values.GetValueOrDefault));
    }
}
