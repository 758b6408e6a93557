using System.Text;
using System.Text.Json;
using Kobune.ApiServer.Codec;

namespace Kobune.ApiServer.Tests.Codec;

/// <summary>YAML for clients that ask for it: texts that others could read as something else are quoted, as go-yaml does.</summary>
public class JsonToYamlTests
{
    [Theory]
    [InlineData("2020-01-01")]
    [InlineData("2020-01-01T00:00:00Z")]
    [InlineData("2001-1-1")]
    [InlineData("12:30:45")]
    [InlineData("1:20")]
    [InlineData(".inf")]
    [InlineData(".nan")]
    [InlineData("yes")]
    [InlineData("0x1")]
    public void A_text_that_looks_like_another_value_is_quoted(string text) => Assert.Equal($"v: \"{text}\"\n", Yaml(text));

    [Theory]
    [InlineData("2020")]
    [InlineData("2020-01-01x")]
    [InlineData("1:99")]
    [InlineData("a:b")]
    [InlineData("v1.2.3")]
    public void Other_texts_are_plain_or_numbers_quoted(string text) => Assert.Equal(text == "2020" ? "v: \"2020\"\n" : $"v: {text}\n", Yaml(text));

    private static string Yaml(string text) => Encoding.UTF8.GetString(JsonToYaml.Convert(Encoding.UTF8.GetBytes($"{{\"v\":{JsonSerializer.Serialize(text)}}}")));
}
