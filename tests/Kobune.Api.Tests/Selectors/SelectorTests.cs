using Kobune.Api.Selectors;

namespace Kobune.Api.Tests.Selectors;

public class SelectorTests
{
    [Theory]
    [InlineData("a=1", "a=1", "a=1,b=2", true)]
    [InlineData("a==1", "a=1", "a=2", false)]
    [InlineData("a!=1", "a!=1", "b=2", true)]
    [InlineData("a in (1, 2)", "a in (1,2)", "a=2", true)]
    [InlineData("a notin (1,2)", "a notin (1,2)", "a=1", false)]
    [InlineData("a notin (1,2)", "a notin (1,2)", "b=1", true)]
    [InlineData("a", "a", "a=", true)]
    [InlineData("!a", "!a", "a=1", false)]
    [InlineData("n>3", "n>3", "n=4", true)]
    [InlineData("n<3", "n<3", "n=x", false)]
    [InlineData("a=", "a=", "a=", true)]
    [InlineData("example.com/role = web , b", "b,example.com/role=web", "b=1,example.com/role=web", true)]
    [InlineData("", "", "a=1", true)]
    public void Parses_and_matches(string text, string canonical, string labels, bool matches)
    {
        var selector = Selector.Parse(text);
        Assert.Equal(canonical, selector.ToString());
        Assert.Equal(matches, selector.Matches(Labels(labels)));
    }

    [Theory]
    [InlineData("a=1,", "found '', expected: identifier after ','")]
    [InlineData("=1", "found '=', expected: !, identifier, or 'end of string'")]
    [InlineData("a in 1", "unable to parse requirement: found '1' expected: '('")]
    [InlineData("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt")]
    public void Says_what_it_did_not_understand(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Selector.Parse(text)).Message);

    [Theory]
    [InlineData("metadata.name=a", "metadata.name=a", true)]
    [InlineData("metadata.name!=a", "metadata.name!=a", false)]
    [InlineData("metadata.name==a,status.phase!=Running", "metadata.name=a,status.phase!=Running", true)]
    [InlineData("metadata.name=a\\,b", "metadata.name=a\\,b", false)]
    public void Field_selectors_parse_and_match(string text, string canonical, bool matches)
    {
        var selector = FieldSelector.Parse(text);
        Assert.Equal(canonical, selector.ToString());
        Assert.Equal(matches, selector.Matches(field => field == "metadata.name" ? "a" : ""));
    }

    [Fact]
    public void A_field_selector_without_operator_is_refused() =>
        Assert.Equal("invalid selector: 'abc'; can't understand 'abc'", Assert.Throws<FormatException>(() => FieldSelector.Parse("abc")).Message);

    private static Dictionary<string, string> Labels(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);
}
