using Kobune.Cli.TestServers;

namespace Kobune.Cli.Tests.TestServers;

public class UpstreamArgumentsTests
{
    [Theory]
    [InlineData("--a=1", "a", "1")]
    [InlineData("--a 1", "a", "1")]
    [InlineData("-a=1", "a", "1")]
    [InlineData("--a --b", "a", "true")]
    [InlineData("--a=1 --a=2", "a", "2")]
    [InlineData("--a=x=y", "a", "x=y")]
    [InlineData("--a=", "a", null)]
    [InlineData("--b", "a", null)]
    public void Flags_are_read_as_pflag_reads_them(string words, string name, string? value) =>
        Assert.Equal(value, UpstreamArguments.Parse(words.Split(' ')).Last(name));

    [Fact]
    public void Lists_may_be_repeated_or_separated_by_commas() =>
        Assert.Equal(["1", "2", "3"], UpstreamArguments.Parse(["--a=1,2", "", "--b", "--a=3"]).All("a"));

    [Theory]
    [InlineData("serve")]
    [InlineData("--")]
    [InlineData("--=x")]
    public void What_is_no_flag_is_refused(string word) => Assert.Throws<FormatException>(() => UpstreamArguments.Parse([word]));
}
