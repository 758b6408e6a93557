using System.Text;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Tests.Watch;

/// <summary>What a client is told about a token that is none. Source: k8s.io/apiserver, storage/continue, and Go's decoders.</summary>
public class ContinueTokenTests
{
    [Theory]
    [InlineData("ab*c", " illegal base64 data at input byte 2")]
    [InlineData("ab+c", " illegal base64 data at input byte 2")]
    [InlineData("abcde", " illegal base64 data at input byte 4")]
    [InlineData("YWI=", " illegal base64 data at input byte 3")]
    public void What_is_not_in_base64_is_named_by_its_byte(string token, string why) => Assert.Equal(Text(why), Refused(token));

    [Theory]
    [InlineData("", " unexpected end of JSON input")]
    [InlineData("x", " invalid character 'x' looking for beginning of value")]
    [InlineData("[]", " json: cannot unmarshal array into Go value of type storage.continueToken")]
    [InlineData("{}", " server does not recognize this encoded version ")]
    [InlineData("null", " server does not recognize this encoded version ")]
    [InlineData("""{"v":"v9","rv":1,"start":"a"}""", " server does not recognize this encoded version v9")]
    [InlineData("""{"v":true}""", " json: cannot unmarshal bool into Go struct field continueToken.v of type string")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":"1"}""", " json: cannot unmarshal string into Go struct field continueToken.rv of type int64")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":1.5}""", " json: cannot unmarshal number 1.5 into Go struct field continueToken.rv of type int64")]
    [InlineData("""{"v":"meta.k8s.io/v1","start":"a"}""", " incorrect encoded start resourceVersion (version meta.k8s.io/v1)")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":1}""", " encoded start key empty (version meta.k8s.io/v1)")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":1,"start":"../secrets/a"}""", " ../secrets/a")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":1,"start":"a/.."}""", " a/..")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":1,"start":"a//b"}""", " a//b")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":1,"start":"a/"}""", " a/")]
    public void What_is_no_place_in_a_list_is_refused_in_upstreams_words(string json, string why) => Assert.Equal(Text(why), Refused(Encoded(json)));

    [Fact]
    public void A_token_is_read_as_it_was_made_with_or_without_a_slash()
    {
        var token = new ContinueToken(7, "/registry/pods/default/a\0");
        Assert.Equal(token, ContinueToken.Decode(token.Encode("/registry/pods/"), "/registry/pods/"));
        Assert.Equal(new(-1, "/registry/pods/default/a"), ContinueToken.Decode(Encoded("""{"v":"meta.k8s.io/v1","rv":-1,"start":"/default/a"}"""), "/registry/pods/"));
    }

    private static string Text(string why) => "invalid continue token: continue key is not valid:" + why;

    private static string Encoded(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Refused(string token)
    {
        var refused = Assert.Throws<StatusException>(() => ContinueToken.Decode(token, "/registry/pods/"));
        Assert.Equal((400, "BadRequest"), (refused.Status.Code, refused.Reason));
        return refused.Status.Message;
    }
}
