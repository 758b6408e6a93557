using System.Text;
using Kobune.Api.Schema;
using Kobune.ApiServer.Codec;

namespace Kobune.ApiServer.Tests.Http;

/// <summary>Which bodies that may be YAML are taken as the JSON that they are.</summary>
public class PlainJsonTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"a":[{"c":"x"},{"c":"y"}],"d":null},"e":true}""", true)]
    [InlineData("\n  {\r\n}\n", true)]
    [InlineData("""{"a":-7,"b":9223372036854775807}""", true)]
    [InlineData("""{"a":[{"k":{"x":1}},{"k":{"x":1}}]}""", true)]
    [InlineData("""{"a":"\u0041\/"}""", true)]
    [InlineData("""{"a":1,"a":2}""", false)] // go-yaml tells of it
    [InlineData("""{"a":{"b":[1],"b":2}}""", false)]
    [InlineData("""{"a":[{"b":{}},{"b":1,"b":2}]}""", false)]
    [InlineData("""{"a":1.0}""", false)] // it makes 1 of it
    [InlineData("""{"a":1e3}""", false)]
    [InlineData("""{"a":9223372036854775808}""", false)]
    [InlineData("""{"a":-0}""", false)]
    [InlineData("{\t\"a\":1}", false)]
    [InlineData("""{"a":"\ud83d\ude00"}""", false)]
    [InlineData("""{"a":1} x""", false)]
    [InlineData("""{a: 1}""", false)]
    [InlineData("""{"a":1,}""", false)]
    [InlineData("""["a"]""", false)]
    [InlineData("a: 1", false)]
    [InlineData("{", false)]
    [InlineData("", false)]
    public void Only_what_means_the_same_in_both_is(string text, bool isPlain)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal(isPlain, PlainJson.Is(bytes));
        if (isPlain)
        {
            var asYaml = YamlToJson.Convert(Encoding.UTF8.GetBytes("# so it is no JSON\n" + text), null);
            Assert.Equal(ObjectReader.ReadAny(ObjectReader.Parse(asYaml))!.ToJsonString(), ObjectReader.ReadAny(ObjectReader.Parse(YamlToJson.Convert(bytes, null)))!.ToJsonString());
        }
    }

    [Fact]
    public void What_is_no_text_is_not() => Assert.False(PlainJson.Is([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']));
}
