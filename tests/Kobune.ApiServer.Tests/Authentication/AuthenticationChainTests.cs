using System.Text;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Tests.Authorization;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Tests.Authentication;

public sealed class AuthenticationChainTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly ClusterCertificates _certificates;
    private readonly ObjectTable _objects = new();

    public AuthenticationChainTests()
    {
        _certificates = ClusterCertificates.CreateOrLoad(new(), _time);
    }

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Client_certificate_gives_user_groups_and_credential_id()
    {
        using var certificate = _certificates.IssueClient("kubernetes-admin", "kubeadm:cluster-admins").Load();
        var user = (await Ask(c => c.Connection.ClientCertificate = certificate)).User!;
        Assert.Equal("kubernetes-admin", user.Name);
        Assert.Equal(["kubeadm:cluster-admins", "system:authenticated"], user.Groups);
        Assert.StartsWith("X509SHA256=", user.Extra[UserNames.CredentialIdKey][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_of_a_stranger_is_refused_and_not_anonymous()
    {
        using var stranger = CertificateAuthority.Create("kubernetes", _time);
        using var certificate = stranger.Issue(CertificateProfile.Client("kubernetes-admin", "system:masters")).Load();
        Assert.EndsWith("failed: x509: certificate signed by unknown authority", (await Ask(c => c.Connection.ClientCertificate = certificate)).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_expires_on_an_open_connection()
    {
        using var certificate = _certificates.Authority.Issue(CertificateProfile.Client("x") with { Lifetime = TimeSpan.FromHours(1) }).Load();
        var chain = Chain();
        var context = new DefaultHttpContext { Connection = { ClientCertificate = certificate } };
        Assert.NotNull((await chain.AuthenticateAsync(context, default))!.User);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Contains("expired", (await chain.AuthenticateAsync(context, default))!.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api", "api")]
    [InlineData("api,vault,other", "api,other")]
    [InlineData("vault", null)]
    public async Task A_token_without_audience_is_meant_for_the_servers_own(string asked, string? shared)
    {
        var tokens = new AudienceAgnosticTokens(StaticTokenAuthenticator.Parse("t,alice,1"), ["api", "other"]);
        var result = await tokens.AuthenticateTokenAsync("t", asked.Split(','), default);
        Assert.Equal(shared, result is null ? null : string.Join(',', result.Audiences));
        Assert.Null(await tokens.AuthenticateTokenAsync("unknown", asked.Split(','), default));
    }

    [Fact]
    public async Task Nobody_is_anonymous() => Assert.Same(UserInfo.Anonymous, (await Ask(_ => { })).User);

    [Theory]
    [InlineData("Bearer static-token", "alice")]
    [InlineData("bearer   static-token ", "alice")]
    [InlineData("Bearer wrong", null)]
    [InlineData("Bearer static-toke", null)]
    [InlineData("Basic YTpi", "system:anonymous")]
    [InlineData("Bearer", "system:anonymous")]
    public async Task Bearer_token(string header, string? user)
    {
        var result = await Ask(c => c.Request.Headers.Authorization = header);
        Assert.Equal(user, result.User?.Name);
        Assert.Equal(user is null ? "invalid bearer token" : null, result.Failure);
    }

    [Fact]
    public async Task Browser_sends_its_token_as_a_protocol_that_is_never_negotiated()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.SecWebSocketProtocol = "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.c3RhdGljLXRva2Vu";
        Assert.Equal("alice", (await Chain().AuthenticateAsync(context, default))!.User!.Name);
        Assert.Equal("v5.channel.k8s.io", context.Request.Headers.SecWebSocketProtocol.ToString());
    }

    [Fact]
    public void Token_file_gives_uid_and_groups()
    {
        Assert.Equal("token file line 2: expected at least 3 columns (token, user name, user uid), found 2", Assert.Throws<FormatException>(() => StaticTokenAuthenticator.Parse("a,b,c\nx,y")).Message);
    }

    [Theory]
    [InlineData("abcdef.0123456789abcdef", "", true)]
    [InlineData("abcdef.0123456789abcdee", "", false)]
    [InlineData("abcdee.0123456789abcdef", "", false)]
    [InlineData("ABCDEF.0123456789abcdef", "", false)]
    [InlineData("abcdef.0123456789abcdef", "expiration=2026-01-01T11:00:00Z", false)]
    [InlineData("abcdef.0123456789abcdef", "expiration=2026-01-01T13:00:00Z", true)]
    [InlineData("abcdef.0123456789abcdef", "expiration=soon", false)]
    [InlineData("abcdef.0123456789abcdef", "usage-bootstrap-authentication=false", false)]
    [InlineData("abcdef.0123456789abcdef", "token-id=zzzzzz", false)]
    [InlineData("abcdef.0123456789abcdef", "auth-extra-groups=system:masters", false)]
    [InlineData("abcdef.0123456789abcdef", "auth-extra-groups=system:bootstrappers:kubeadm:default-node-token", true)]
    public async Task Bootstrap_token(string token, string change, bool accepted)
    {
        var data = new Dictionary<string, string> { ["token-id"] = "abcdef", ["token-secret"] = "0123456789abcdef", ["usage-bootstrap-authentication"] = "true" };
        if (change.Length > 0)
        {
            data[change[..change.IndexOf('=')]] = change[(change.IndexOf('=') + 1)..];
        }

        _objects.Put(new Secret
        {
            Metadata = new() { Name = "bootstrap-token-abcdef", Namespace = "kube-system" },
            Type = "bootstrap.kubernetes.io/token",
            Data = data.ToDictionary(d => d.Key, d => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(d.Value)),
        });
        var result = await Ask(c => c.Request.Headers.Authorization = "Bearer " + token);
        Assert.Equal(accepted ? "system:bootstrap:abcdef" : null, result.User?.Name);
        if (change.StartsWith("auth", StringComparison.Ordinal) && accepted)
        {
            Assert.Equal(["system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token", "system:authenticated"], result.User!.Groups);
        }
    }

    [Fact]
    public async Task Front_proxy_headers_count_only_with_its_certificate()
    {
        var proxy = new FrontProxyAuthenticator(_certificates.FrontProxyAuthority.Certificate, ["front-proxy-client"], _time);
        var context = new DefaultHttpContext();
        context.Request.Headers["X-Remote-User"] = "alice";
        context.Request.Headers["X-Remote-Group"] = "devs";
        context.Request.Headers["X-Remote-Extra-Scopes%2fa"] = "b";
        Assert.Null(await proxy.AuthenticateAsync(context, default));
        using var other = _certificates.IssueClient("front-proxy-client").Load();
        context.Connection.ClientCertificate = other;
        Assert.Null(await proxy.AuthenticateAsync(context, default));
        context.Connection.ClientCertificate = _certificates.FrontProxyClientCertificate;
        var user = (await proxy.AuthenticateAsync(context, default))!.User!;
        Assert.Equal(("alice", "devs", "b"), (user.Name, user.Groups[0], user.Extra["scopes/a"][0]));
    }

    private AuthenticationChain Chain() => new(
    [
        new ClientCertificateAuthenticator(_certificates.Authority.Certificate, _time),
        new BearerTokenAuthenticator(
            new TokenAuthenticators([StaticTokenAuthenticator.Parse("static-token,alice,u1,\"devs,ops\"\n"), new BootstrapTokenAuthenticator(_objects, _time)]),
            ["api"]),
    ]);

    private async Task<AuthenticationResult> Ask(Action<HttpContext> prepare)
    {
        var context = new DefaultHttpContext();
        prepare(context);
        return (await Chain().AuthenticateAsync(context, default))!;
    }
}
