using Kobune.Cli.Output;

namespace Kobune.Cli.Tests.Output;

/// <summary>What Go's text/template makes of the same templates.</summary>
public class GoTemplateTests
{
    private static readonly Dictionary<string, string> Fields = new() { ["ConfigKey"] = "memory", ["ConfigValue"] = "4g", ["Empty"] = "" };

    [Theory]
    [InlineData("- {{.ConfigKey}}: {{ .ConfigValue }}", "- memory: 4g")]
    [InlineData("""{{"key\t"}}{{`a"b`}}{{ 7 }}""", "key\ta\"b7")]
    [InlineData("""{{printf "%-8s|%5s|%q" .ConfigKey .ConfigValue "x"}}""", "memory  |   4g|\"x\"")]
    [InlineData("""{{.ConfigKey | printf "%s=%s" "a"}}""", "a=memory")]
    [InlineData("""{{if eq .ConfigKey "memory"}}yes{{else}}no{{end}}""", "yes")]
    [InlineData("""{{if eq .ConfigKey "cpus"}}a{{else if ne .ConfigValue "4g"}}b{{else}}c{{end}}d""", "cd")]
    [InlineData("""{{if .Empty}}{{.NoSuchField}}{{end}}x""", "x")] // what is not taken is not looked at
    [InlineData("""{{if and .ConfigKey (not .Empty)}}both{{end}}""", "both")]
    [InlineData("""{{or .Empty "none"}}""", "none")]
    [InlineData("""{{if if}}{{end}}""", null)]
    [InlineData("a {{- .ConfigKey -}} b", "amemoryb")]
    [InlineData("{{/* a comment */}}x", "x")]
    [InlineData("""{{len .ConfigKey}} {{print .ConfigKey "-" 1}} {{true}}""", "6 memory-1 true")]
    [InlineData("""{{"{{x}}"}}""", "{{x}}")]
    [InlineData("""{{eq .ConfigKey "a" "memory"}} {{lt 1 2}} {{gt "a" "b"}}""", "true true false")]
    [InlineData("""{{printf "%d%%" 5}} {{printf "%d" "x"}} {{printf "%s"}}""", "5% %!d(string=x) %!s(MISSING)")]
    [InlineData("no action", "no action")]
    public void Is_filled_as_Go_does(string template, string? expected)
    {
        if (expected is null)
        {
            Assert.Throws<FormatException>(() => GoTemplate.Render(template, Fields));
        }
        else
        {
            Assert.Equal(expected, GoTemplate.Render(template, Fields));
        }
    }

    [Theory]
    [InlineData("{{.Nothing}}", "unknown field .Nothing")]
    [InlineData("{{upper .ConfigKey}}", "function \"upper\" not defined")]
    [InlineData("{{.ConfigKey", "unclosed action")]
    [InlineData("{{if .ConfigKey}}x", "unexpected EOF")]
    [InlineData("x{{end}}", "unexpected {{end}}")]
    [InlineData("{{.ConfigKey .ConfigValue}}", "can't give argument to non-function .ConfigKey")]
    [InlineData("{{eq .ConfigKey 1}}", "incompatible types for comparison")]
    [InlineData("{{eq .ConfigKey}}", "wrong arguments for eq")]
    [InlineData("{{(.ConfigKey}}", "unclosed left paren")]
    [InlineData("{{}}", "missing value for command")]
    public void What_is_wrong_is_named(string template, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => GoTemplate.Render(template, Fields)).Message);

    [Fact]
    public void A_template_cut_at_every_byte_is_filled_or_refused()
    {
        const string Whole = """a {{- if eq .ConfigKey "memory" }}{{printf "%-8s" (print .ConfigValue) | printf "%s"}}{{else}}`{{end}}""";
        for (var i = 0; i <= Whole.Length; i++)
        {
            _ = Record.Exception(() => GoTemplate.Render(Whole[..i], Fields)) is null or FormatException ? 0 : throw new InvalidOperationException(Whole[..i]);
        }
    }
}
