using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Tokens;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>What needs other settings than the defaults.</summary>
public sealed class OptionTests
{
    [Fact]
    public async Task A_silent_node_becomes_unknown_and_its_pods_not_ready()
    {
        await using var cluster = await TestCluster.StartAsync(new ControllerManagerOptions { NodeMonitorGracePeriod = TimeSpan.FromSeconds(3) });
        var template = TestObjects.Template("v1");
        await cluster.Admin.CreateAsync(new Pod { Metadata = new ObjectMeta { Namespace = "default", Name = "p" }, Spec = template.Spec }, default);
        await cluster.Sees<Pod>("default", "a pod that was ready and is not any more", all => all.Any(p => p.Status.Conditions.Any(c => c.Type == "Ready" && c.Status == "False")));
        var node = Assert.Single(await cluster.Sees<Node>("", "an unknown node with its taint", all => all.Any(n => n.Spec.Taints.Any(t => t.Key == "node.kubernetes.io/unreachable" && t.Effect == "NoSchedule"))));
        Assert.Equal("NodeStatusUnknown", node.Status.Conditions.Single(c => c.Type == "Ready").Reason);
        Assert.DoesNotContain(node.Spec.Taints, t => t.Effect == "NoExecute"); // it is the only node: nobody is driven off
        await cluster.Sees<Event>("default", "the event", all => all.Any(e => e.Reason == "NodeNotReady" && e.InvolvedObject.Kind == "Node" && e.Message == "Node n1 status is now: NodeNotReady"));
    }

    [Fact]
    public async Task A_legacy_token_secret_is_filled_and_goes_with_its_account()
    {
        await using var cluster = await TestCluster.StartAsync(new ControllerManagerOptions { RootCertificateAuthority = TestCluster.Authority, LegacyTokenSigner = new Signer() });
        var account = await cluster.Admin.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Namespace = "default", Name = "bot" } }, default);
        var annotations = new Dictionary<string, string> { [TokensController.AccountName] = "bot" };
        await cluster.Admin.CreateAsync(new Secret { Metadata = new ObjectMeta { Namespace = "default", Name = "bot-token", Annotations = annotations }, Type = TokensController.SecretTypeName }, default);
        var secret = Assert.Single(await cluster.Sees<Secret>("default", "a filled Secret", all => all.Any(s => s.Data.ContainsKey("token"))));
        Assert.Equal("token of default/bot in bot-token", Encoding.UTF8.GetString(secret.Data["token"].Span));
        Assert.Equal(TestCluster.Authority, Encoding.UTF8.GetString(secret.Data["ca.crt"].Span));
        Assert.Equal(account.Metadata.Uid, secret.Metadata.Annotations[TokensController.AccountUid]);
        await cluster.Admin.DeleteAsync<ServiceAccount>("default", "bot", null, default);
        await cluster.Sees<Secret>("default", "no Secret", all => all.Count == 0);
    }

    [Fact]
    public async Task An_account_forgets_a_token_secret_that_goes_and_a_namespace_that_somebody_wrote_stays()
    {
        await using var cluster = await TestCluster.StartAsync(new ControllerManagerOptions { RootCertificateAuthority = TestCluster.Authority, LegacyTokenSigner = new Signer() });
        ObjectReference[] listed = [new() { Name = "bot-token" }, new() { Name = "other" }];
        await cluster.Admin.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Namespace = "default", Name = "bot" }, Secrets = listed }, default);
        var annotations = new Dictionary<string, string> { [TokensController.AccountName] = "bot" };
        var data = new Dictionary<string, ReadOnlyMemory<byte>> { ["namespace"] = "custom"u8.ToArray() };
        await cluster.Admin.CreateAsync(new Secret { Metadata = new ObjectMeta { Namespace = "default", Name = "bot-token", Annotations = annotations }, Type = TokensController.SecretTypeName, Data = data }, default);
        var secret = Assert.Single(await cluster.Sees<Secret>("default", "a filled Secret", all => all.Any(s => s.Data.ContainsKey("token"))));
        Assert.Equal("custom", Encoding.UTF8.GetString(secret.Data["namespace"].Span));
        await cluster.Admin.DeleteAsync<Secret>("default", "bot-token", null, default);
        await cluster.Sees<ServiceAccount>("default", "the other Secret alone", all => all.Any(a => a.Metadata.Name == "bot" && a.Secrets.Select(s => s.Name).SequenceEqual(["other"])));
    }

    private sealed class Signer : ILegacyTokenSigner
    {
        public string Sign(string ns, string serviceAccount, string serviceAccountUid, string secret) => $"token of {ns}/{serviceAccount} in {secret}";
    }
}
