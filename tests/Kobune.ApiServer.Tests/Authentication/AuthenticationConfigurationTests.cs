using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Configuration;
using Kobune.ApiServer.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Authentication;

/// <summary>--authentication-config: issuers whose claims are mapped and judged by expressions, and anonymous requests for some paths.</summary>
public sealed partial class AuthenticationConfigurationTests : IAsyncLifetime
{
    private const string Head = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n";
    private const string Mappings = "  claimMappings: {username: {claim: sub, prefix: ''}}";
    private readonly ManualTime _time = new(TimeProvider.System.GetUtcNow());
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-issuers-");
    private IssuerServer _issuer = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_folder.FullName, "authentication.yaml");

    public async ValueTask InitializeAsync() => _issuer = await IssuerServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _issuer.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Claims_and_expressions_make_the_user()
    {
        var user = (await AskAsync("""
              claimMappings:
                username: {expression: "claims.sub + '@' + claims.org"}
                groups: {expression: "claims.roles.map(r, 'x:' + r)"}
                uid: {claim: oid}
                extra: [{key: example.com/tenant, valueExpression: claims.org}, {key: example.com/none, valueExpression: "''"}]
            """, "\"sub\":\"jane\",\"org\":\"a\",\"roles\":[\"r1\",\"r2\"],\"oid\":\"7\",\"jti\":\"t\""))!.User!;
        Assert.Equal(("jane@a", "7", "x:r1 x:r2 system:authenticated"), (user.Name, user.Uid, string.Join(' ', user.Groups)));
        Assert.Equal(["authentication.kubernetes.io/credential-id=JTI=t", "example.com/tenant=a"], user.Extra.Select(e => $"{e.Key}={string.Join(',', e.Value)}").Order(StringComparer.Ordinal));
        Assert.Equal("p:jane", (await AskAsync("  claimMappings: {username: {claim: sub, prefix: 'p:'}, groups: {claim: roles, prefix: ''}}", "\"sub\":\"jane\",\"roles\":\"one\""))!.User!.Name);
    }

    [Theory]
    [InlineData("claimValidationRules: [{claim: hd, requiredValue: a.com}]", "oidc: required claim hd not present in ID token")]
    [InlineData("claimValidationRules: [{expression: 'claims.n > 3', message: too small}]", "oidc: error evaluating claim validation expression: validation expression 'claims.n > 3' failed: too small")]
    [InlineData("claimValidationRules: [{expression: 'claims.none == 1'}]", "oidc: error evaluating claim validation expression: expression 'claims.none == 1' resulted in error: no such key: none")]
    [InlineData("userValidationRules: [{expression: \"!user.username.startsWith('j')\", message: no j}]", "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('j')' failed: no j")]
    [InlineData("claimValidationRules: [{expression: 'claims.n == 3'}]", null)]
    public async Task Rules_refuse_a_token_that_is_good(string rules, string? failure) =>
        Assert.Equal(failure, (await AskAsync($"  claimMappings: {{username: {{claim: sub, prefix: ''}}}}\n  {rules}", "\"sub\":\"jane\",\"n\":3"))!.Failure);

    [Fact]
    public async Task One_of_several_audiences_is_enough_and_none_is_told()
    {
        Assert.NotNull((await AskAsync(Mappings, "\"sub\":\"jane\"", "[you, me]"))!.User);
        Assert.Equal("oidc: verify token: oidc: expected audience in [\"us\" \"you\"] got [\"me\"]", (await AskAsync(Mappings, "\"sub\":\"jane\"", "[you, us]"))!.Failure);
        Assert.Equal("oidc: empty username via CEL expression is not allowed", (await AskAsync("  claimMappings: {username: {expression: claims.sub}}", "\"sub\":\"\""))!.Failure);
        Assert.Equal("oidc: error evaluating username claim expression: username claim expression must return a string", (await AskAsync("  claimMappings: {username: {expression: claims.n}}", "\"n\":1"))!.Failure);
    }

    [Fact]
    public async Task Configuration_comes_from_the_discovery_url()
    {
        _issuer.DiscoveryPath = "/elsewhere/configuration";
        Assert.NotNull((await AskAsync(Mappings, "\"sub\":\"jane\"", more: $"    discoveryURL: {_issuer.Url}/elsewhere/configuration\n"))!.User);
        Assert.Equal(["/elsewhere/configuration", "/keys"], _issuer.Asked);
    }

    [Fact]
    public async Task A_claim_that_occurs_twice_counts_once_and_a_broken_text_is_told()
    {
        Assert.Equal("b", (await AskAsync("  claimMappings: {username: {expression: claims.o.n}}", "\"o\":{\"n\":\"a\",\"n\":\"b\"}"))!.User!.Name);
        Assert.Equal("oidc: could not convert claims to unstructured: half a character in a text", (await AskAsync("  claimMappings: {username: {expression: claims.sub}}", "\"sub\":\"jane\",\"x\":[\"\\ud800\"]"))!.Failure);
    }

    [Fact]
    public async Task A_server_takes_the_tokens_that_the_file_names_and_reads_it_again_when_it_has_changed()
    {
        const string Anonymous = "anonymous: {enabled: true, conditions: [{path: /livez}]}\n";
        File.WriteAllText(FilePath, Head + Jwt("  claimMappings: {username: {claim: sub, prefix: 'o:'}}", "[me]") + Anonymous);
        await using var server = await SecuredServer.StartAsync(new() { AuthenticationConfig = FilePath, Time = _time });
        Assert.Equal("o:jane", await NameAsync());
        Assert.Equal((200, 401, 401), (await CodeAsync("/livez"), await CodeAsync("/livez/ping"), await CodeAsync("/version")));

        File.WriteAllText(FilePath, Head + Jwt("  claimMappings: {username: {expression: \"'cel:' + claims.sub\"}}", "[me]") + Anonymous);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("o:jane", await NameAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("cel:jane", await NameAsync());

        foreach (var unusable in (string[])[Head + "anonymous: {enabled: true}\n", Head + "anonymous: {enabled: true, conditions: [{path: /version}]}\n", Head, Head + "jwt: [{}]\n" + Anonymous])
        {
            File.WriteAllText(FilePath, unusable);
            _time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal("cel:jane", await NameAsync());
            Assert.Equal((200, 401), (await CodeAsync("/livez"), await CodeAsync("/version")));
        }

        File.WriteAllText(FilePath, Head + Anonymous);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await NameAsync());

        async Task<int> CodeAsync(string path) => (await server.SendHttpsAsync(path)).Code;

        async Task<string?> NameAsync()
        {
            var (code, body) = await server.SendHttpsAsync("/api/v1/pods", token: _issuer.Token(Claims("\"sub\":\"jane\"", _time)));
            return code == 403 ? body.Split("User \\\"")[1].Split("\\\"")[0] : code == 401 ? null : throw new InvalidOperationException($"{code} {body}");
        }
    }

    [Theory]
    [InlineData("", null, true)]
    [InlineData("", false, false)]
    [InlineData("", true, true)]
    [InlineData("anonymous: {}", null, false)]
    [InlineData("anonymous: {enabled: true}", null, true)]
    [InlineData("anonymous: {enabled: true}", true, null)]
    [InlineData("anonymous: {enabled: false}", false, null)]
    public async Task Who_comes_without_a_credential_is_said_by_the_flag_or_by_the_file(string text, bool? flag, bool? allowed)
    {
        File.WriteAllText(FilePath, Head + text);
        var options = new ServerSecurityOptions { AuthenticationConfig = FilePath, AllowAnonymous = flag };
        if (allowed is null)
        {
            Assert.Equal(
                $"failed to load authentication configuration from file \"{FilePath}\": anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file",
                (await Assert.ThrowsAsync<FormatException>(() => SecuredServer.StartAsync(options))).Message);
            return;
        }

        await using var server = await SecuredServer.StartAsync(options);
        Assert.Equal(allowed == true ? 200 : 401, (await server.SendHttpsAsync("/version")).Code);
    }

    [Theory]
    [InlineData("claimMappings: {username: {expression: \"claims.email_verified ? claims.email : ''\"}}")]
    [InlineData("claimMappings: {username: {expression: claims.email}}, claimValidationRules: [{expression: 'claims.?email_verified.orValue(true) == true'}]")]
    [InlineData("claimMappings: {username: {expression: claims.email}, extra: [{key: a.b/c, valueExpression: \"has(claims.email_verified) ? 'yes' : 'no'\"}]}")]
    [InlineData("claimMappings: {username: {expression: \"'claims.email'\"}}")]
    public void An_address_names_a_user_when_an_expression_looks_whether_it_was_verified(string rules) =>
        Assert.Single(AuthenticationFile.Parse($"{Head}jwt: [{{issuer: {{url: 'https://a', audiences: [a]}}, {rules}}}]", 36, "https://own").Jwt);

    [Theory, MemberData(nameof(Unusable))]
    public void A_file_that_cannot_be_used_is_refused_in_upstreams_words(string text, string problem) =>
        Assert.Equal(problem, Assert.Throws<FormatException>(() => AuthenticationFile.Parse(text.StartsWith("kind", StringComparison.Ordinal) ? text : Head + text, 36, "https://own")).Message);

    private async Task<TokenResult?> AskAsync(string rules, string claims, string audiences = "[me]", string more = "")
    {
        File.WriteAllText(FilePath, Head + Jwt(rules, audiences, more));
        using var tokens = new ConfiguredTokens(FilePath, 36, "https://own", ["api"], false, _time, NullLoggerFactory.Instance);
        return await tokens.AuthenticateTokenAsync(_issuer.Token(Claims(claims, _time)), [], Ct);
    }

    private string Jwt(string rules, string audiences, string more = "") =>
        $"jwt:\n- issuer:\n    url: {_issuer.Url}\n    audiences: {audiences}\n    audienceMatchPolicy: MatchAny\n    certificateAuthority: |\n{string.Join('\n', File.ReadAllLines(_issuer.AuthorityFile).Select(l => "      " + l))}\n{more}{rules}\n";

    private string Claims(string more, TimeProvider time) => $$"""{"iss":"{{_issuer.Url}}","aud":"me","exp":{{time.GetUtcNow().ToUnixTimeSeconds() + 60}},{{more}}}""";
}
