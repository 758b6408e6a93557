using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Requests;

/// <summary>Options that cannot be read or mean nothing, as upstream's server of custom resources (release 1.36) answers them.</summary>
public sealed class OptionTextTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.MustAsync("POST", Maps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}""");
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("dryRun=", """CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: [""]: supported values: "All" """)]
    [InlineData("fieldManager=a%0Ab", """CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\nb": invalid character U+000A (at position 1)""")]
    [InlineData("fieldManager=%C3%A9%E2%80%8B", """CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "é\u200b": invalid character U+200B (at position 2)""")]
    public async Task A_write(string query, string message)
    {
        var refused = await _server.SendAsync("POST", $"{Maps}?{query}", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}}""");
        Assert.Equal((422, message.TrimEnd()), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_manager_may_be_called_so()
    {
        await _server.MustAsync("POST", $"{Maps}?fieldManager=my%20%C3%A9" + new string('y', 122), """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}}""");
        var refused = await _server.SendAsync("POST", $"{Maps}?fieldManager=my%20%C3%A9" + new string('y', 124), """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}""");
        Assert.Equal(422, refused.Code); // 129 bytes
    }

    [Theory]
    [InlineData("limit=", "strconv.ParseInt: parsing \"\": invalid syntax")]
    [InlineData("timeoutSeconds=", "strconv.ParseInt: parsing \"\": invalid syntax")]
    [InlineData("limit=99999999999999999999", "strconv.ParseInt: parsing \"99999999999999999999\": value out of range")]
    [InlineData("limit=1.5", "strconv.ParseInt: parsing \"1.5\": invalid syntax")]
    [InlineData("watch=1&limit=x", "strconv.ParseInt: parsing \"x\": invalid syntax")]
    public async Task A_list(string query, string message)
    {
        var refused = await _server.SendAsync("GET", $"{Maps}?{query}");
        Assert.Equal((400, message), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData("?gracePeriodSeconds=", "", 400, "strconv.ParseInt: parsing \"\": invalid syntax")]
    [InlineData("?propagationPolicy=", "", 422, """DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "": supported values: "Foreground", "Background", "Orphan", "nil" """)]
    [InlineData("", "{", 400, "couldn't get version/kind; json parse error: unexpected end of JSON input")]
    [InlineData("", "[]", 400, """couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }""")]
    [InlineData("", """{"kind":1}""", 400, "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string")]
    [InlineData("", """{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":"5"}""", 400, "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64")]
    [InlineData("", """{"kind":"DeleteOptions","apiVersion":"a/b/c"}""", 400, "unexpected GroupVersion string: a/b/c")]
    [InlineData("?dryRun=x", """{"kind":"DeleteOptions","apiVersion":"v1"}""", 200, null)] // a body counts alone
    public async Task A_deletion(string query, string body, int code, string? message)
    {
        var answer = await _server.SendAsync("DELETE", $"{Maps}/a{query}", body);
        Assert.Equal((code, message?.TrimEnd()), (answer.Code, code == 200 ? null : answer.Message));
    }
}
