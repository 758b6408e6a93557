using System.Security.Cryptography;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.OpenId;
using Kobune.ApiServer.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Authentication;

/// <summary>ID tokens of an OpenID Connect provider.</summary>
public sealed class OpenIdTests : IAsyncLifetime
{
    private const string BadSignature = "oidc: verify token: failed to verify signature: failed to verify id token signature";
    private readonly ManualTime _time = new(TimeProvider.System.GetUtcNow());
    private IssuerServer _issuer = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _issuer = await IssuerServer.StartAsync();

    public ValueTask DisposeAsync() => _issuer.DisposeAsync();

    [Fact]
    public async Task A_request_is_that_of_the_user_whom_the_token_names()
    {
        await using var server = await SecuredServer.StartAsync(new() { OpenId = Options() });
        var token = _issuer.Token(Claims("""
            "sub":"jane","jti":"x"
            """));
        var (code, body) = await server.SendHttpsAsync("/api/v1/pods", token: token);
        Assert.Equal(403, code);
        Assert.Contains($"User \\\"{_issuer.Url}#jane\\\" cannot list", body, StringComparison.Ordinal);
        var review = await server.MustAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", $$$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"{{{token}}}"}}""");
        Assert.Equal($$$"""{"username":"{{{_issuer.Url}}}#jane","groups":["system:authenticated"],"extra":{"authentication.kubernetes.io/credential-id":["JTI=x"]}}""", review["status"]!["user"]!.ToJsonString());
        Assert.Equal(401, (await server.SendHttpsAsync("/version", token: token[..^6] + "AAAAAA")).Code);
    }

    [Theory]
    [InlineData("sub", "", "\"sub\":\"jane\"", "ISSUER#jane")]
    [InlineData("sub", "-", "\"sub\":\"jane\"", "jane")]
    [InlineData("sub", "oidc:", "\"sub\":\"jane\"", "oidc:jane")]
    [InlineData("email", "", "\"email\":\"j@example.com\"", "j@example.com")]
    [InlineData("email", "", "\"email\":\"j@example.com\",\"email_verified\":true", "j@example.com")]
    [InlineData("email", "x:", "\"email\":\"j@example.com\"", "x:j@example.com")]
    public async Task The_name_is_a_claim_behind_a_prefix(string claim, string prefix, string claims, string name)
    {
        var result = await AskAsync(_issuer.Token(Claims(claims)), Options() with { UsernameClaim = claim, UsernamePrefix = prefix });
        Assert.Equal(name.Replace("ISSUER", _issuer.Url, StringComparison.Ordinal), result!.User!.Name);
    }

    [Theory]
    [InlineData("\"roles\":[\"a\",\"b\"]", "", "a b system:authenticated")]
    [InlineData("\"roles\":\"a\"", "oidc:", "oidc:a system:authenticated")]
    [InlineData("\"other\":1", "oidc:", "system:authenticated")]
    public async Task Groups_are_a_list_or_one_text(string claims, string prefix, string groups)
    {
        var result = await AskAsync(_issuer.Token(Claims("\"sub\":\"jane\"," + claims)), Options() with { GroupsClaim = "roles", GroupsPrefix = prefix });
        Assert.Equal(groups.Split(' '), result!.User!.Groups);
    }

    [Theory]
    [InlineData("\"x\":1", "oidc: parse username claims \"sub\": claim not present")]
    [InlineData("\"sub\":1", "oidc: parse username claims \"sub\": json: cannot unmarshal number into Go value of type string")]
    [InlineData("\"sub\":\"j\",\"roles\":{}", "oidc: parse groups claim \"roles\": json: cannot unmarshal object into Go value of type string")]
    [InlineData("\"sub\":\"j\"", "oidc: required claim hd not present in ID token")]
    [InlineData("\"sub\":\"j\",\"hd\":[]", "oidc: parse claim hd: json: cannot unmarshal array into Go value of type string")]
    [InlineData("\"sub\":\"j\",\"hd\":\"b.com\"", "oidc: required claim hd value does not match. Got = b.com, want = a.com")]
    [InlineData("\"sub\":\"j\",\"hd\":\"a.com\"", null)]
    public async Task A_claim_that_is_not_as_it_must_be_refuses_the_token(string claims, string? failure)
    {
        var result = await AskAsync(_issuer.Token(Claims(claims)), Options() with { GroupsClaim = "roles", RequiredClaims = new Dictionary<string, string> { ["hd"] = "a.com" } });
        Assert.Equal(failure, result!.Failure);
    }

    [Theory]
    [InlineData("\"email_verified\":false", "oidc: email not verified")]
    [InlineData("\"email_verified\":\"true\"", "oidc: parse 'email_verified' claim: json: cannot unmarshal string into Go value of type bool")]
    public async Task An_address_that_is_not_verified_names_nobody(string claims, string failure) =>
        Assert.Equal(failure, (await AskAsync(_issuer.Token(Claims("\"email\":\"j@example.com\"," + claims)), Options() with { UsernameClaim = "email" }))!.Failure);

    [Fact]
    public async Task Dates_and_audience_are_checked()
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Null((await AskAsync(Token("""["other","me"]""", now + 1, now + 59)))!.Failure);
        Assert.Equal("oidc: verify token: oidc: expected audience \"me\" got [\"you\"]", (await AskAsync(Token("\"you\"", now + 1)))!.Failure);
        Assert.Equal("oidc: verify token: oidc: expected audience \"me\" got [\"a\" \"b\"]", (await AskAsync(Token("""["a","b"]""", now + 1)))!.Failure);
        Assert.Equal($"oidc: verify token: oidc: token is expired (Token Expiry: {Show(now - 1)})", (await AskAsync(Token("\"me\"", now - 1)))!.Failure);
        Assert.Equal($"oidc: verify token: oidc: current time {Show(now)} before the nbf (not before) time: {Show(now + 62)}", (await AskAsync(Token("\"me\"", now + 99, now + 62)))!.Failure);
        Assert.StartsWith("oidc: verify token: oidc: token is expired (Token Expiry: 0001-01-01 00:00:00 +0000 UTC)", (await AskAsync(_issuer.Token($$"""{"iss":"{{_issuer.Url}}","aud":"me","sub":"j"}""")))!.Failure, StringComparison.Ordinal);

        string Token(string audience, long expiry, long? begin = null) => _issuer.Token($$"""{"iss":"{{_issuer.Url}}","aud":{{audience}},"sub":"j","exp":{{expiry}},"nbf":{{begin ?? 0}}}""");

        static string Show(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm:ss '+0000 UTC'", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task Every_algorithm_verifies_when_it_is_allowed(string algorithm)
    {
        _issuer.Keys["key"] = Key(algorithm);
        var token = _issuer.Token(Claims("\"sub\":\"j\""), algorithm, "key");
        Assert.NotNull((await AskAsync(token, Options() with { SigningAlgorithms = OpenIdOptions.KnownAlgorithms }))!.User);
        Assert.Equal(BadSignature, (await AskAsync(_issuer.Token(Claims("\"sub\":\"j\""), algorithm, "key", Key(algorithm)), Options() with { SigningAlgorithms = OpenIdOptions.KnownAlgorithms }))!.Failure);
        var other = algorithm == "RS256" ? "ES256" : "RS256";
        Assert.Equal($"oidc: verify token: oidc: id token signed with unsupported algorithm, expected [\"{other}\"] got \"{algorithm}\"", (await AskAsync(token, Options() with { SigningAlgorithms = [other] }))!.Failure);
    }

    [Theory]
    [InlineData("RS256", "PS256")]
    [InlineData("ES256", "ES384")]
    public async Task A_signature_of_another_algorithm_than_the_header_says_is_refused(string signed, string said)
    {
        _issuer.Keys["key"] = Key(signed);
        var parts = _issuer.Token(Claims("\"sub\":\"j\""), signed, "key").Split('.');
        parts[0] = _issuer.Token("{}", said, "key", Key(said)).Split('.')[0];
        Assert.Equal(BadSignature, (await AskAsync(string.Join('.', parts), Options() with { SigningAlgorithms = OpenIdOptions.KnownAlgorithms }))!.Failure);
    }

    [Fact]
    public async Task Configuration_and_keys_are_fetched_once_and_keys_again_for_an_unknown_one()
    {
        using var provider = Provider(Options());
        var authenticator = Authenticator(provider, Options());
        Assert.Empty(_issuer.Asked);
        Assert.NotNull((await Ask("one"))!.User);
        Assert.NotNull((await Ask("one"))!.User);
        Assert.NotNull((await Ask(null))!.User); // without id any key may be it
        Assert.Equal(["/.well-known/openid-configuration", "/keys"], _issuer.Asked);
        _issuer.Keys.Remove("one");
        _issuer.Keys["two"] = RSA.Create(2048);
        Assert.NotNull((await Ask("two"))!.User);
        Assert.Equal(["/.well-known/openid-configuration", "/keys", "/keys"], _issuer.Asked);
        Assert.Equal(BadSignature, (await authenticator.AuthenticateTokenAsync(_issuer.Token(Claims("\"sub\":\"j\""), kid: "one", key: _issuer.Keys["two"]), [], Ct))!.Failure);
        _issuer.Fails = true;
        Assert.NotNull((await Ask("two"))!.User); // known keys need no provider
        Assert.Equal("oidc: verify token: failed to verify signature: fetching keys 500 Internal Server Error: no", (await authenticator.AuthenticateTokenAsync(_issuer.Token(Claims("\"sub\":\"j\""), kid: "three", key: _issuer.Keys["two"]), [], Ct))!.Failure);

        ValueTask<TokenResult?> Ask(string? kid) => authenticator.AuthenticateTokenAsync(_issuer.Token(Claims("\"sub\":\"j\""), kid: kid, key: _issuer.Keys.GetValueOrDefault(kid ?? "one")), [], Ct);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_provider_that_fails_is_asked_again_after_ten_seconds(bool lies)
    {
        using var provider = Provider(Options());
        var authenticator = Authenticator(provider, Options());
        (_issuer.Fails, _issuer.Issuer) = (!lies, lies ? "https://else.where" : null);
        var token = _issuer.Token(Claims("\"sub\":\"j\""));
        Assert.Equal("oidc: authenticator not initialized", (await authenticator.AuthenticateTokenAsync(token, [], Ct))!.Failure);
        (_issuer.Fails, _issuer.Issuer) = (false, null);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("oidc: authenticator not initialized", (await authenticator.AuthenticateTokenAsync(token, [], Ct))!.Failure);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull((await authenticator.AuthenticateTokenAsync(token, [], Ct))!.User);
    }

    [Fact]
    public async Task A_provider_whose_certificate_is_not_believed_is_not_asked()
    {
        var other = Options() with { AuthorityFile = "" };
        Assert.Equal("oidc: authenticator not initialized", (await AskAsync(_issuer.Token(Claims("\"sub\":\"j\"")), other))!.Failure);
        Assert.Empty(_issuer.Asked);
    }

    [Theory]
    [InlineData("no token")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.AA")]
    public async Task Another_token_is_left_to_others(string token)
    {
        Assert.Null(await AskAsync(token));
        Assert.Null(await AskAsync(_issuer.Token("""{"iss":"https://else.where","sub":"j"}""")));
        Assert.Empty(_issuer.Asked);
    }

    [Fact]
    public async Task A_token_stands_for_the_audiences_of_the_server_alone()
    {
        using var provider = Provider(Options());
        var authenticator = Authenticator(provider, Options());
        var token = _issuer.Token(Claims("\"sub\":\"j\""));
        Assert.Equal(["api"], (await authenticator.AuthenticateTokenAsync(token, ["x", "api"], Ct))!.Audiences);
        Assert.Null(await authenticator.AuthenticateTokenAsync(token, ["me"], Ct));
    }

    [Theory]
    [InlineData("", "me", "RS256", "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set")]
    [InlineData("https://a.b", "", "RS256", "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set")]
    [InlineData("http://a.b", "me", "RS256", "issuer.url: Invalid value: \"http://a.b\": URL scheme must be https")]
    [InlineData("https://a.b", "me", "HS256", "oidc: unsupported signing alg: \"HS256\"")]
    public async Task Options_that_cannot_be_are_refused(string issuer, string client, string algorithm, string problem) =>
        Assert.Equal(problem, (await Assert.ThrowsAsync<FormatException>(() => SecuredServer.StartAsync(new() { OpenId = new() { IssuerUrl = issuer, ClientId = client, SigningAlgorithms = [algorithm] } }))).Message);

    private static AsymmetricAlgorithm Key(string algorithm) => algorithm switch
    {
        "ES256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        "ES384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        "ES512" => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        _ => RSA.Create(2048),
    };

    private static OpenIdAuthenticator Authenticator(OpenIdProviders provider, OpenIdOptions options, TimeProvider time) => new(options, provider, ["api"], time);

    private OpenIdAuthenticator Authenticator(OpenIdProviders provider, OpenIdOptions options) => Authenticator(provider, options, _time);

    private OpenIdProviders Provider(OpenIdOptions options) => new(options, _time, NullLogger<OpenIdProvider>.Instance);

    private async Task<TokenResult?> AskAsync(string token, OpenIdOptions? options = null)
    {
        using var provider = Provider(options ?? Options());
        return await Authenticator(provider, options ?? Options()).AuthenticateTokenAsync(token, [], Ct);
    }

    private OpenIdOptions Options() => new() { IssuerUrl = _issuer.Url, ClientId = "me", AuthorityFile = _issuer.AuthorityFile };

    private string Claims(string more) => $$"""{"iss":"{{_issuer.Url}}","aud":"me","exp":{{_time.GetUtcNow().ToUnixTimeSeconds() + 60}},{{more}}}""";
}
