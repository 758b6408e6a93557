using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.OpenId;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Authentication;

/// <summary>Groups that an ID token does not have but names the place of.</summary>
public sealed class DistributedClaimTests : IAsyncLifetime
{
    private const string Problem = "oidc: could not expand distributed claims: ";
    private const string Sources = """ "_claim_names":{"groups":"src"},"_claim_sources":{"src":{"endpoint":"ISSUER/groups","access_token":"secret"}} """;
    private readonly ManualTime _time = new(TimeProvider.System.GetUtcNow());
    private IssuerServer _issuer = null!;
    private IssuerServer _other = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (_issuer, _other) = (await IssuerServer.StartAsync(), await IssuerServer.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _issuer.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task Groups_are_fetched_with_the_token_that_is_told()
    {
        _issuer.Texts["/groups"] = _issuer.Token(Claims("\"groups\":[\"a\",\"b\"]"));
        var result = await AskAsync(Sources);
        Assert.Equal(["x:a", "x:b", "system:authenticated"], result!.User!.Groups);
        Assert.Equal("Bearer secret", _issuer.LastAuthorization);
    }

    [Theory]
    [InlineData("\"groups\":[\"own\"]," + Sources, "x:own system:authenticated")]
    [InlineData(""" "_claim_names":{"other":"src"},"_claim_sources":{"src":{"endpoint":"ISSUER/groups"}} """, "system:authenticated")]
    [InlineData(""" "_claim_names":{"groups":"src"},"_claim_sources":{"src":{"JWT":"x.y.z"}} """, "system:authenticated")]
    public async Task What_the_token_has_and_what_it_does_not_tell_is_not_fetched(string claims, string groups)
    {
        Assert.Equal(groups.Split(' '), (await AskAsync(claims))!.User!.Groups);
        Assert.DoesNotContain("/groups", _issuer.Asked);
    }

    [Theory]
    [InlineData(""" "_claim_names":{"groups":"src"} """, "", "oidc: no claim sources")]
    [InlineData(""" "_claim_names":[],"_claim_sources":{} """, "", "oidc: error parsing distributed claim names: json: cannot unmarshal it into Go value of type map[string]string")]
    [InlineData(""" "_claim_names":{"groups":"src"},"_claim_sources":[] """, "", "oidc: could not parse claim sources: json: cannot unmarshal it into Go value of type map[string]oidc.endpoint")]
    [InlineData(""" "_claim_names":{"groups":"src"},"_claim_sources":{"sink":{}} """, "", "id token _claim_names contained a source src missing in _claims_sources")]
    [InlineData(Sources, "", "while getting distributed claim \"groups\": error while getting distributed claim JWT: 500 Internal Server Error")]
    [InlineData(Sources, "no token", "getting untrusted issuer from endpoint ISSUER/groups failed for claim \"groups\": malformed token")]
    [InlineData(Sources, "TOKEN \"other\":1", "jwt returned by distributed claim endpoint \"ISSUER/groups\" did not contain claim: groups")]
    [InlineData(Sources, "TOKEN \"groups\":[\"a\"],\"aud\":\"you\"", "verify distributed claim token: oidc: expected audience \"me\" got [\"you\"]")]
    public async Task What_cannot_be_fetched_refuses_the_token(string claims, string answer, string failure)
    {
        if (answer.Length > 0)
        {
            _issuer.Texts["/groups"] = answer.StartsWith("TOKEN ", StringComparison.Ordinal) ? _issuer.Token(Claims(answer["TOKEN ".Length..])) : answer;
        }

        Assert.Equal(Problem + failure.Replace("ISSUER", _issuer.Url, StringComparison.Ordinal), (await AskAsync(claims))!.Failure);
    }

    [Fact]
    public async Task A_token_of_a_stranger_is_verified_with_the_strangers_keys_where_that_can_be()
    {
        _issuer.Texts["/groups"] = _other.Token(Claims("\"groups\":[\"a\"]", _other));
        Assert.Equal($"{Problem}verifying untrusted issuer {_other.Url} failed: verifier not initialized for issuer: \"{_other.Url}\"", (await AskAsync(Sources))!.Failure); // nobody vouches for its certificate
        using var stranger = System.Security.Cryptography.RSA.Create(2048);
        _issuer.Texts["/groups"] = _issuer.Token(Claims("\"groups\":[\"a\"]"), key: stranger);
        Assert.Equal(Problem + "verify distributed claim token: failed to verify signature: failed to verify id token signature", (await AskAsync(Sources))!.Failure);
    }

    private async Task<TokenResult?> AskAsync(string claims)
    {
        var options = new OpenIdOptions { IssuerUrl = _issuer.Url, ClientId = "me", AuthorityFile = _issuer.AuthorityFile, GroupsClaim = "groups", GroupsPrefix = "x:" };
        using var provider = new OpenIdProviders(options, _time, NullLogger<OpenIdProvider>.Instance);
        var token = _issuer.Token(Claims("\"sub\":\"jane\"," + claims.Replace("ISSUER", _issuer.Url, StringComparison.Ordinal)));
        return await new OpenIdAuthenticator(options, provider, [], _time).AuthenticateTokenAsync(token, [], Ct);
    }

    private string Claims(string more, IssuerServer? issuer = null) =>
        $$"""{"iss":"{{(issuer ?? _issuer).Url}}","aud":"me","exp":{{_time.GetUtcNow().ToUnixTimeSeconds() + 60}},{{more}}}""";
}
