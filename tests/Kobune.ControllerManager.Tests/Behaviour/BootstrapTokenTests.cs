using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.BootstrapTokens;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Bootstrap tokens sign cluster-info while they live.</summary>
public class BootstrapTokenTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cluster_info_is_signed_by_tokens_that_sign_until_they_expire_and_go()
    {
        var time = new JumpingTime();
        await using var cluster = await TestCluster.StartAsync(time: time);
        await cluster.Admin.CreateAsync(Token("abcdef", "true", time.GetUtcNow().AddHours(1)), Ct);
        await cluster.Admin.CreateAsync(Token("012345", "false", null), Ct);
        await cluster.Admin.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "cluster-info", Namespace = "kube-public" }, Data = new Dictionary<string, string> { ["kubeconfig"] = "text", ["jws-kubeconfig-old"] = "x" } }, Ct);
        var seen = await cluster.Sees<ConfigMap>("kube-public", "one signature", all => all.Any(m => m.Data.ContainsKey("jws-kubeconfig-abcdef") && m.Data.Count == 2));
        Assert.Equal(ClusterInfoSignatures.Sign("text", "abcdef", "0123456789abcdef"u8), seen.Single(m => m.Metadata.Name == "cluster-info").Data["jws-kubeconfig-abcdef"]);

        time.Advance(TimeSpan.FromHours(2));
        await cluster.Sees<Secret>("kube-system", "the token that never expires alone", all => all.Count(s => s.Type == "bootstrap.kubernetes.io/token") == 1);
        await cluster.Sees<ConfigMap>("kube-public", "no signature", all => all.Any(m => m.Metadata.Name == "cluster-info" && m.Data.Count == 1));
    }

    [Fact]
    public void A_signature_is_detached_and_its_header_names_algorithm_and_token() =>
        // HMAC-SHA256 of "HEADER.PAYLOAD" as openssl computes it.
        Assert.Equal("eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9..v28Ea_KqmHOtFWksJ_4tbV6AFRNzMkrRUG_jsuLJz-4", ClusterInfoSignatures.Sign("text", "abcdef", "0123456789abcdef"u8));

    private static Secret Token(string id, string signs, DateTimeOffset? expires) => new()
    {
        Metadata = new ObjectMeta { Name = "bootstrap-token-" + id, Namespace = "kube-system" },
        Type = "bootstrap.kubernetes.io/token",
        Data = new Dictionary<string, string>
        {
            ["token-id"] = id, ["token-secret"] = "0123456789abcdef", ["usage-bootstrap-signing"] = signs, ["expiration"] = expires?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) ?? "",
        }.Where(d => d.Value.Length > 0).ToDictionary(d => d.Key, d => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(d.Value)),
    };
}
