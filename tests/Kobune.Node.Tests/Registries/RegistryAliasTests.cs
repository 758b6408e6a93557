using Kobune.Node.Registries;

namespace Kobune.Node.Tests.Registries;

public class RegistryAliasTests
{
    private const string Corefile = ".:53 {\n    errors\n    kubernetes cluster.local\n}\nother.test:53 {\n    forward . 1.2.3.4\n}\n";

    [Theory]
    [InlineData("", "example.org example.com test.com test.org")]
    [InlineData("a.test,b.test a.test", "a.test b.test")]
    [InlineData("a.test\nb.test", "a.test b.test")]
    public void Names(string settings, string expected) => Assert.Equal(expected, string.Join(' ', RegistryAliases.NamesOf(settings)));

    [Fact]
    public void Aliases_are_rewritten_in_the_first_block_and_taken_back()
    {
        var once = RegistryAliasObjects.WithAliases(Corefile, ["a.test", "b.test"], "registry.kube-system.svc.cluster.local");
        Assert.StartsWith(".:53 {\n    # registry-aliases: begin\n    rewrite name a.test registry.kube-system.svc.cluster.local\n    rewrite name b.test registry.kube-system.svc.cluster.local\n    # registry-aliases: end\n    errors\n", once, StringComparison.Ordinal);
        var other = RegistryAliasObjects.WithAliases(once, ["c.test"], "t");
        Assert.DoesNotContain("a.test", other, StringComparison.Ordinal);
        Assert.Contains("    rewrite name c.test t\n", other, StringComparison.Ordinal);
        Assert.Equal(Corefile, MarkedLines.Remove(other, RegistryAliases.Addon));
        Assert.Equal("no block", RegistryAliasObjects.WithAliases("no block", ["a.test"], "t"));
    }

    [Theory]
    [InlineData("127.0.0.1\tlocalhost\n", "127.0.0.1\tlocalhost\n# m: begin\nx\n# m: end\n")]
    [InlineData("127.0.0.1\tlocalhost", "127.0.0.1\tlocalhost\n# m: begin\nx\n# m: end\n")]
    [InlineData("a\n# m: begin\nold\n# m: end\nb\n", "a\nb\n# m: begin\nx\n# m: end\n")]
    [InlineData("a\n# m: begin\nhalf\n", "a\n# m: begin\nhalf\n# m: begin\nx\n# m: end\n")]
    [InlineData("", "# m: begin\nx\n# m: end\n")]
    public void Lines_are_kept_between_marks(string before, string after) => Assert.Equal(after, MarkedLines.Append(before, "m", ["x"]));

    [Fact]
    public void Without_lines_the_marks_go_too() => Assert.Equal("a\nb\n", MarkedLines.Append("a\n# m: begin\nx\n# m: end\nb\n", "m", []));
}
