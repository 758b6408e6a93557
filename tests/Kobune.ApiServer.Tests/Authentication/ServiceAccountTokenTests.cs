using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Tests.Authorization;

namespace Kobune.ApiServer.Tests.Authentication;

public sealed class ServiceAccountTokenTests : IDisposable
{
    private static readonly string[] Api = [ServiceAccountTokens.DefaultIssuer];

    private readonly ManualTime _time = new();
    private readonly SigningKey _key = SigningKey.Create();
    private readonly ObjectTable _objects = new();
    private readonly ServiceAccountTokens _tokens;
    private readonly ServiceAccountTokenAuthenticator _authenticator;
    private readonly LegacyTokenUses _uses = new();

    public ServiceAccountTokenTests()
    {
        _tokens = new(ServiceAccountTokens.DefaultIssuer, [_key], _time);
        _authenticator = new(_tokens, _objects, _time, _uses);
        _objects.Put(new ServiceAccount { Metadata = new() { Name = "robot", Namespace = "default", Uid = "sa-uid" } });
        _objects.Put(new Node { Metadata = new() { Name = "node1", Uid = "node-uid" } });
        _objects.Put(new Pod { Metadata = new() { Name = "web", Namespace = "default", Uid = "pod-uid" }, Spec = new() { ServiceAccountName = "robot", NodeName = "node1" } });
    }

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task Token_of_a_pod_names_account_pod_and_node()
    {
        var token = await Request("""{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web","uid":"pod-uid"}}""");
        var user = (await _authenticator.AuthenticateTokenAsync(token, Api, default))!.User!;
        Assert.Equal(("system:serviceaccount:default:robot", "sa-uid"), (user.Name, user.Uid));
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"], user.Groups);
        Assert.Equal(
            ["authentication.kubernetes.io/credential-id", "authentication.kubernetes.io/node-name=node1", "authentication.kubernetes.io/node-uid=node-uid", "authentication.kubernetes.io/pod-name=web", "authentication.kubernetes.io/pod-uid=pod-uid"],
            user.Extra.Select(e => e.Key.EndsWith("credential-id", StringComparison.Ordinal) ? e.Key : $"{e.Key}={e.Value[0]}").Order(StringComparer.Ordinal));
        Assert.StartsWith("JTI=", user.Extra[UserNames.CredentialIdKey][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_day_of_a_secret_tokens_use_is_noted_and_one_that_was_invalidated_is_refused()
    {
        var token = _tokens.IssueForSecret("default", "robot", "sa-uid", "kept");
        Secret Kept(string label, string day) => new()
        {
            Metadata = new() { Name = "kept", Namespace = "default", Uid = "kept-uid", Labels = label.Length == 0 ? new Dictionary<string, string>() : new Dictionary<string, string> { [label] = day } },
            Data = new Dictionary<string, ReadOnlyMemory<byte>> { ["token"] = Encoding.UTF8.GetBytes(token) },
        };
        _objects.Put(Kept(LegacyTokenUses.LastUsed, "2026-01-01"));
        Assert.Null(await Failure(token));
        Assert.False(_uses.Waiting.TryRead(out _)); // it says so already
        _objects.Put(Kept("", ""));
        Assert.Null(await Failure(token));
        Assert.True(_uses.Waiting.TryRead(out var use));
        Assert.Equal(("default", "kept", "kept-uid", "2026-01-01"), use);
        _objects.Put(Kept(LegacyTokenUses.InvalidSince, "2026-01-01"));
        Assert.Equal(
            "the token in secret default/kept for service account default/robot has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, "
            + "or remove the 'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token",
            await Failure(token));
    }

    [Fact]
    public async Task Deleted_or_replaced_pod_ends_its_token()
    {
        var token = await Request("""{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web","uid":"pod-uid"}}""");
        Assert.Null(await Failure(token));
        _objects.Put(new Pod { Metadata = new() { Name = "web", Namespace = "default", Uid = "new-uid" } });
        Assert.Equal("service account token has been invalidated", await Failure(token));
        _objects.Remove<Pod>("default", "web");
        Assert.Equal("service account token has been invalidated", await Failure(token));
    }

    [Fact]
    public async Task Pod_being_deleted_keeps_its_token_for_a_minute()
    {
        var token = await Request("""{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web"}}""");
        _objects.Put(new Pod { Metadata = new() { Name = "web", Namespace = "default", Uid = "pod-uid", DeletionTimestamp = _time.GetUtcNow() } });
        Assert.Null(await Failure(token));
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("service account token has been invalidated", await Failure(token));
    }

    [Fact]
    public async Task Deleted_or_recreated_account_ends_its_tokens()
    {
        var token = await Request("{}");
        _objects.Put(new ServiceAccount { Metadata = new() { Name = "robot", Namespace = "default", Uid = "second" } });
        Assert.Equal("service account UID (second) does not match claim (sa-uid)", await Failure(token));
        _objects.Remove<ServiceAccount>("default", "robot");
        Assert.Equal("serviceaccounts \"robot\" not found", await Failure(token));
    }

    [Fact]
    public async Task Token_ends_at_its_expiry()
    {
        var token = await Request("""{"expirationSeconds":600}""");
        _time.Advance(TimeSpan.FromSeconds(600));
        Assert.Null(await Failure(token));
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("service account token has expired", await Failure(token));
    }

    [Fact]
    public async Task Token_for_another_audience_is_refused()
    {
        var token = await Request("""{"audiences":["vault"]}""");
        Assert.Equal("token audiences [\"vault\"] is invalid for the target audiences [\"https://kubernetes.default.svc.cluster.local\"]", await Failure(token));
        Assert.Equal(["vault"], (await _authenticator.AuthenticateTokenAsync(token, ["vault", "x"], default))!.Audiences);
    }

    [Fact]
    public async Task Kubelets_usual_token_lives_a_year_and_says_an_hour()
    {
        var answer = await Create("""{"expirationSeconds":3607,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web","uid":"pod-uid"}}""");
        var payload = Payload(answer["status"]!["token"]!.GetValue<string>());
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal((now + 31536000, now + 3607), (payload["exp"]!.GetValue<long>(), payload["kubernetes.io"]!["warnafter"]!.GetValue<long>()));
        Assert.Equal("2026-01-01T13:00:07Z", answer["status"]!["expirationTimestamp"]!.GetValue<string>());
    }

    [Fact]
    public async Task Every_forged_token_is_refused()
    {
        var token = await Request("{}");
        var parts = token.Split('.');
        using var stranger = SigningKey.Create();
        using var rsa = RSA.Create(2048);
        using var rsaKey = SigningKey.Load(rsa.ExportPkcs8PrivateKeyPem());
        var admin = parts[1].Replace(parts[1], Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("robot", "admin", StringComparison.Ordinal))), StringComparison.Ordinal);
        string Header(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
        string[] forged =
        [
            $"{parts[0]}.{admin}.{parts[2]}",
            $"{Header("""{"alg":"none"}""")}.{parts[1]}.{parts[2]}",
            $"{Header("""{"alg":"HS256","kid":"x"}""")}.{parts[1]}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(_key.ExportPublicPem()), Encoding.ASCII.GetBytes(Header("""{"alg":"HS256","kid":"x"}""") + "." + parts[1])))}",
            $"{Header("[]")}.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}",
            $"{parts[0]}.{parts[1]}.{parts[2][..^2]}",
            JsonWebToken.Sign(stranger, Base64Url.DecodeFromChars(parts[1])),
            JsonWebToken.Sign(rsaKey, Base64Url.DecodeFromChars(parts[1])),
        ];
        foreach (var bad in forged)
        {
            Assert.Equal("invalid signature, no keys found that verify the token", await Failure(bad));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d")]
    [InlineData("e30.e30.e30")]
    [InlineData("e30=.e30=.e30=")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")]
    public async Task What_is_no_token_of_ours_is_left_to_others(string token) => Assert.Null(await _authenticator.AuthenticateTokenAsync(token, Api, default));

    [Fact]
    public async Task Token_cut_at_every_byte_is_refused()
    {
        var token = await Request("{}");
        for (var i = 0; i < token.Length; i++)
        {
            Assert.Null((await _authenticator.AuthenticateTokenAsync(token[..i], Api, default))?.User);
        }
    }

    [Theory]
    [InlineData("""{"exp":9999999999,"kubernetes.io":{"namespace":"default","serviceaccount":{"name":"robot","uid":"sa-uid"}},"sub":"system:serviceaccount:kube-system:admin"}""", "service account token subject does not match its claims")]
    [InlineData("""{"kubernetes.io":{"namespace":"default","serviceaccount":{"name":"robot","uid":"sa-uid"}},"sub":"system:serviceaccount:default:robot"}""", "service account token has no expiry")]
    [InlineData("""{"exp":9999999999,"nbf":9999999990,"kubernetes.io":{"namespace":"default","serviceaccount":{"name":"robot","uid":"sa-uid"}},"sub":"system:serviceaccount:default:robot"}""", "service account token is not valid yet")]
    [InlineData("""{"exp":"x","kubernetes.io":{"namespace":"default","serviceaccount":{"name":"robot","uid":"sa-uid"}}}""", "service account token claims could not be read")]
    [InlineData("""{"exp":9999999999}""", "service account token claims could not be read")]
    public async Task Well_signed_token_with_odd_claims_is_refused(string claims, string failure)
    {
        var payload = JsonNode.Parse(claims)!.AsObject();
        payload["iss"] = ServiceAccountTokens.DefaultIssuer;
        Assert.Equal(failure, await Failure(JsonWebToken.Sign(_key, Encoding.UTF8.GetBytes(payload.ToJsonString()))));
    }

    [Fact]
    public async Task Token_of_a_secret_holds_while_the_secret_holds_it()
    {
        var token = _tokens.IssueForSecret("default", "robot", "sa-uid", "robot-token");
        Assert.Equal("service account token has been invalidated", await Failure(token));
        _objects.Put(new Secret { Metadata = new() { Name = "robot-token", Namespace = "default" }, Data = new Dictionary<string, ReadOnlyMemory<byte>> { ["token"] = Encoding.UTF8.GetBytes(token) } });
        Assert.Null(await Failure(token));
    }

    [Theory]
    [InlineData("""{"expirationSeconds":60}""", "TokenRequest.authentication.k8s.io \"robot\" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes")]
    [InlineData("""{"expirationSeconds":4294967297}""", "TokenRequest.authentication.k8s.io \"robot\" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds")]
    [InlineData("""{"boundObjectRef":{"kind":"Job","apiVersion":"batch/v1","name":"x"}}""", "cannot bind token to object of type batch/v1, Kind=Job")]
    [InlineData("""{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"none"}}""", "pods \"none\" not found")]
    [InlineData("""{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web","uid":"old"}}""", "Operation cannot be fulfilled on pods \"web\": the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated")]
    public async Task Bad_request_for_a_token_is_refused(string spec, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<StatusException>(() => Create(spec))).Message);

    [Fact]
    public async Task Review_tells_whose_a_token_is()
    {
        var review = new TokenReviewResource(_authenticator, Api);
        var good = await review.CreateAsync(Virtual("create tokenreviews.authentication.k8s.io", new() { ["spec"] = new JsonObject { ["token"] = await Request("{}") } }), default);
        Assert.Equal("system:serviceaccount:default:robot", good["status"]!["user"]!["username"]!.GetValue<string>());
        Assert.True(good["status"]!["authenticated"]!.GetValue<bool>());
        var bad = await review.CreateAsync(Virtual("create tokenreviews.authentication.k8s.io", new() { ["spec"] = new JsonObject { ["token"] = "x" } }), default);
        Assert.Equal("""{"user":{},"error":"invalid bearer token"}""", bad["status"]!.ToJsonString());
    }

    [Fact]
    public void Published_key_verifies_a_token()
    {
        var set = JsonNode.Parse(OpenIdDocuments.KeySet(_tokens))!;
        var key = set["keys"]![0]!;
        Assert.Equal(("EC", "P-256", "ES256", _key.KeyId), (key["kty"]!.GetValue<string>(), key["crv"]!.GetValue<string>(), key["alg"]!.GetValue<string>(), key["kid"]!.GetValue<string>()));
        using var published = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = Base64Url.DecodeFromChars(key["x"]!.GetValue<string>()), Y = Base64Url.DecodeFromChars(key["y"]!.GetValue<string>()) },
        });
        var parts = _tokens.IssueForSecret("a", "b", "c", "d").Split('.');
        Assert.True(published.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        Assert.Equal(
            """{"issuer":"https://kubernetes.default.svc.cluster.local","jwks_uri":"https://1.2.3.4:8443/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"]}""",
            Encoding.UTF8.GetString(OpenIdDocuments.Configuration(_tokens, "https://1.2.3.4:8443")));
    }

    private static JsonNode Payload(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;

    private async Task<string?> Failure(string token)
    {
        var result = await _authenticator.AuthenticateTokenAsync(token, Api, default);
        Assert.NotNull(result);
        return result.Failure;
    }

    private VirtualCreate Virtual(string request, JsonObject body) => new(Ask.For(request), UserInfo.Of("alice"), body, _objects, DryRun: false);

    private async Task<JsonObject> Create(string spec) =>
        await new TokenRequestResource(_tokens, _time).CreateAsync(Virtual("create serviceaccounts/token default/robot", new() { ["spec"] = JsonNode.Parse(spec) }), default);

    private async Task<string> Request(string spec) => (await Create(spec))["status"]!["token"]!.GetValue<string>();
}
