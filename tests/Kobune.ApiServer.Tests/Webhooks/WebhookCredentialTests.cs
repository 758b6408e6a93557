using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Tests.Webhooks;

/// <summary>What a file of users says admission webhooks are shown of the server.</summary>
public sealed class WebhookCredentialTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-hooks-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("https://a.example.com/x", "exact")]
    [InlineData("https://a.example.com:443/x", "exact")]
    [InlineData("https://a.example.com:8443/x", "port")]
    [InlineData("https://b.example.com/x", "domain")]
    [InlineData("https://c.b.example.com/x", "domain")]
    [InlineData("https://b.example.com:9443/x", "everyone")]
    [InlineData("https://127.0.0.1/x", "everyone")]
    [InlineData("hook hooks 443", "service")]
    [InlineData("other hooks 443", "namespace")]
    [InlineData("hook hooks 8443", "everyone")]
    public void The_nearest_name_of_an_address_names_the_user(string address, string token)
    {
        string[] users = ["a.example.com=exact", "a.example.com:8443=port", "'*.example.com'=domain", "hook.hooks.svc=service", "'*.hooks.svc'=namespace", "'*'=everyone"];
        var credentials = Load($"users: [{string.Join(", ", users.Select(u => u.Split('=')).Select(u => $"{{name: {u[0]}, user: {{token: {u[1]}}}}}"))}]");
        var parts = address.Split(' ');
        var wanted = parts.Length == 1 ? new WebhookAddress(address, null, "") : new(null, new(parts[1], parts[0], "", int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture)), "");
        Assert.Equal($"Bearer {token}", credentials.For(wanted)?.Authorization?.ToString());
    }

    [Fact]
    public void Without_a_name_the_user_of_the_current_context_is_everyones_and_without_that_nobody_is()
    {
        var address = new WebhookAddress("https://a.example.com/x", null, "");
        Assert.Equal("Basic dTpw", Load("current-context: c\ncontexts: [{name: c, context: {user: me}}]\nusers: [{name: me, user: {username: u, password: p}}]").For(address)?.Authorization?.ToString());
        Assert.Null(Load("users: [{name: me, user: {token: t}}]").For(address));
    }

    [Fact]
    public async Task A_webhook_is_shown_the_token()
    {
        await using var hooks = await HookServer.StartAsync();
        hooks.Answer("/ok", _ => """{"allowed":true}""");
        var credentials = Load($"users: [{{name: '{hooks.Address.Authority}', user: {{token: secret}}}}]");
        await using var server = await hooks.ServeAsync(configure: o => o, plugins: [new MutatingAdmissionWebhook(null), new ValidatingAdmissionWebhook(null, credentials)]);
        const string rule = """{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}""";
        await server.MustAsync("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", hooks.Configuration("ValidatingWebhookConfiguration", "v", rule, "{}", "/ok").ToJsonString());
        await server.MustAsync("POST", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", hooks.Configuration("MutatingWebhookConfiguration", "m", rule, "{}", "/ok").ToJsonString());
        await server.MustAsync("POST", "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.Equal(["", "Bearer secret"], hooks.Reviews.Select(r => r.Authorization));
    }

    [Fact]
    public void Servers_of_one_trust_and_another_certificate_do_not_share_connections()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=a", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        using var invokers = new TrustedInvokers();
        var plain = new OutboundTrust("a", "", SkipsVerification: false);
        var shown = plain with { Certificate = certificate.ExportCertificatePem(), Key = key.ExportPkcs8PrivateKeyPem() };
        Assert.Same(invokers.For(plain), invokers.For(plain));
        Assert.NotSame(invokers.For(plain), invokers.For(shown));
        Assert.Same(invokers.For(shown), invokers.For(shown with { }));
    }

    private WebhookCredentials Load(string kubeconfig)
    {
        var file = Path.Combine(_folder.FullName, "hooks.yaml");
        File.WriteAllText(file, "apiVersion: v1\nkind: Config\n" + kubeconfig);
        return WebhookCredentials.Of(new JsonObject { ["apiVersion"] = "apiserver.config.k8s.io/v1", ["kind"] = "WebhookAdmissionConfiguration", ["kubeConfigFile"] = file })!;
    }
}
