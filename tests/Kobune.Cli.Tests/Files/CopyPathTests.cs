using Kobune.Cli.Files;
using Kobune.Cli.Output;

namespace Kobune.Cli.Tests.Files;

public class CopyPathTests
{
    [Theory]
    [InlineData("file", null, "file")]
    [InlineData("/a/b", null, "/a/b")]
    [InlineData("node:/a", "node", "/a")]
    [InlineData("node:a", null, "node:a")]
    [InlineData("./with:/colon", null, "./with:/colon")]
    [InlineData(":/a", null, ":/a")]
    public void A_node_is_what_stands_before_a_colon_and_a_slash(string text, string? node, string path) => Assert.Equal(new CopyPath(node, path), CopyPath.Parse(text));

    [Theory]
    [InlineData("a", "/b", null, "first", "/b")]
    [InlineData("a", "m02:/b", null, "m02", "/b")]
    [InlineData("first:/a", "b", "first", null, "b")]
    [InlineData("first:/a", "m02:/b", "first", "m02", "/b")]
    public void Without_any_node_the_target_is_in_the_first(string source, string target, string? from, string? to, string path)
    {
        var (left, right) = CopyPath.ParseBoth(source, target, "first");
        Assert.Equal((from, to, path), (left.Node, right.Node, right.Path));
    }

    [Fact]
    public void A_target_in_a_node_is_absolute() => Assert.Equal(Reason.Usage, Assert.Throws<CliException>(() => CopyPath.ParseBoth("a", "b", "first")).Reason);

    [Theory]
    [InlineData("/dir/", "/x/name", "/dir/name")]
    [InlineData("/dir/", "/x/folder/", "/dir/folder")]
    [InlineData("/dir/other", "/x/name", "/dir/other")]
    public void A_slash_at_the_end_keeps_the_name(string target, string source, string result) => Assert.Equal(result, new CopyPath("n", target).NameFor(new(null, source)));
}
