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
    [InlineData("x>=1", "unable to parse requirement: found '=', expected: identifier")]
    [InlineData("x===a", "unable to parse requirement: found '=', expected: identifier")]
    [InlineData("x<<1", "unable to parse requirement: found '<', expected: identifier")]
    [InlineData("><a", "found '>', expected: !, identifier, or 'end of string'")]
    [InlineData("!!a", "unable to parse requirement: found '!', expected: identifier")]
    [InlineData("/c=d", "unable to parse requirement: <nil>: Invalid value: \"/c\": prefix part must be non-empty")]
    [InlineData("- b", "unable to parse requirement: <nil>: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    [InlineData("a/b/c", "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")]
    [InlineData("x=\"a\"", "unable to parse requirement: values[0][x]: Invalid value: \"\\\"a\\\"\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")]
    [InlineData("x>a", "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer")]
    public void Says_what_it_did_not_understand(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Selector.Parse(text)).Message);

    [Theory]
    [InlineData("metadata.name=a", "metadata.name=a", true)]
    [InlineData("metadata.name!=a", "metadata.name!=a", false)]
    [InlineData("metadata.name==a,status.phase!=Running", "metadata.name=a,status.phase!=Running", true)]
    [InlineData("metadata.name=a\\,b", "metadata.name=a\\,b", false)]
    [InlineData("z=,metadata.name=a", "metadata.name=a,z=", true)]
    public void Field_selectors_parse_and_match(string text, string canonical, bool matches)
    {
        var selector = FieldSelector.Parse(text);
        Assert.Equal(canonical, selector.ToString());
        Assert.Equal(matches, selector.Matches(field => field == "metadata.name" ? "a" : ""));
    }

    [Theory]
    [InlineData("abc", "invalid selector: 'abc'; can't understand 'abc'")]
    [InlineData("b,a,c=d", "invalid selector: 'b,a,c=d'; can't understand 'a'")]
    [InlineData("a=b=c", "invalid field selector: unescaped character in value: 61")]
    [InlineData("a=b\\n", "invalid field selector: invalid escape sequence: \\n")]
    public void Field_selectors_say_what_they_did_not_understand(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => FieldSelector.Parse(text)).Message);

    private static Dictionary<string, string> Labels(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);
}
