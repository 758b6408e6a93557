using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.LegacyTokens;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Tokens in Secrets that nobody uses.</summary>
public class LegacyTokenTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Period = TimeSpan.FromDays(365);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2024-01-01", "", "", true, false, LegacyTokenStep.Invalidate)]
    [InlineData("2025-12-01", "", "", true, false, LegacyTokenStep.Keep)]
    [InlineData("2024-01-01", "2025-12-01", "", true, false, LegacyTokenStep.Keep)]
    [InlineData("2024-01-01", "2025-06-01", "", true, false, LegacyTokenStep.Keep)]
    [InlineData("2024-01-01", "2025-05-31", "", true, false, LegacyTokenStep.Invalidate)]
    [InlineData("2024-01-01", "yesterday", "", true, false, LegacyTokenStep.Keep)]
    [InlineData("2024-01-01", "", "", false, false, LegacyTokenStep.Keep)]
    [InlineData("2024-01-01", "", "", true, true, LegacyTokenStep.Keep)]
    [InlineData("2024-01-01", "", "2025-12-01", true, false, LegacyTokenStep.Keep)]
    [InlineData("2024-01-01", "", "2025-05-31", true, false, LegacyTokenStep.Delete)]
    [InlineData("2024-01-01", "", "nonsense", true, false, LegacyTokenStep.Invalidate)]
    public void Unused_tokens_are_invalidated_and_go_a_period_later(string created, string used, string invalid, bool isListed, bool isMounted, object step)
    {
        var labels = new Dictionary<string, string> { [LegacyTokenPlan.LastUsed] = used, [LegacyTokenPlan.InvalidSince] = invalid }.Where(l => l.Value.Length > 0).ToDictionary();
        var secret = new Secret { Metadata = new ObjectMeta { Name = "t", CreationTimestamp = DateTimeOffset.Parse(created + "Z", System.Globalization.CultureInfo.InvariantCulture), Labels = labels } };
        var account = new ServiceAccount { Secrets = isListed ? [new ObjectReference { Name = "t" }] : [] };
        Assert.Equal(step, LegacyTokenPlan.Compute(secret, account, isMounted, Now, Period));
        Assert.Equal(LegacyTokenStep.Keep, LegacyTokenPlan.Compute(secret, null, isMounted, Now, Period));
    }

    [Theory]
    [InlineData("its account", "a", "uid-a", true)]
    [InlineData("its account, by name alone", "a", "", true)]
    [InlineData("another account of its name", "a", "uid-before", false)]
    [InlineData("no account", "b", "", false)]
    public void A_token_is_of_the_account_that_it_was_made_for(string name, string account, string uid, bool expected)
    {
        var annotations = new Dictionary<string, string> { ["kubernetes.io/service-account.name"] = account, ["kubernetes.io/service-account.uid"] = uid }.Where(a => a.Value.Length > 0).ToDictionary();
        var accounts = new ListCache<ServiceAccount>(new ServiceAccount { Metadata = new ObjectMeta { Namespace = "default", Name = "a", Uid = "uid-a" } });
        Assert.Equal((name, expected), (name, LegacyTokenPlan.AccountOf(new Secret { Metadata = new ObjectMeta { Namespace = "default", Name = "t", Annotations = annotations } }, accounts) is not null));
    }

    [Theory]
    [InlineData("2025-05-31", true)]
    [InlineData("2025-06-01", false)]
    [InlineData("", false)]
    public void Nothing_is_judged_before_uses_were_written_down_for_a_period(string since, bool expected) => Assert.Equal(expected, LegacyTokenPlan.IsTrackedLongEnough(since, Now, Period));

    [Fact]
    public async Task A_token_that_was_made_for_an_account_goes_in_two_steps()
    {
        var options = new ControllerManagerOptions { LegacyTokenCleanUpPeriod = TimeSpan.FromDays(1), Disabled = new HashSet<string> { "legacy-serviceaccount-token-cleaner-controller" } };
        await using var cluster = await TestCluster.StartAsync(options);
        var tracking = await cluster.Admin.GetAsync<ConfigMap>("kube-system", "kube-apiserver-legacy-service-account-token-tracking", Ct);
        await cluster.Admin.UpdateAsync(tracking with { Data = new Dictionary<string, string> { ["since"] = "2020-01-01" } }, Ct);
        await cluster.Admin.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = "a", Namespace = "default" }, Secrets = [new ObjectReference { Name = "t" }] }, Ct);
        await cluster.Admin.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "t", Namespace = "default", Annotations = new Dictionary<string, string> { ["kubernetes.io/service-account.name"] = "a" } },
                Type = "kubernetes.io/service-account-token",
            },
            Ct);
        await cluster.Sees<ServiceAccount>("default", "the account", all => all.Any(a => a.Metadata.Name == "a")); // a new cache is filled from what the server's cache has
        await cluster.Sees<Secret>("default", "the token", all => all.Count == 1);
        await SweepAsync(cluster, options, TimeSpan.FromDays(3));
        var invalid = Assert.Single((await cluster.Admin.ListAsync<Secret>("default", null, Ct)).Items);
        Assert.Equal(LegacyTokenPlan.Date(TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(3)), invalid.Metadata.Labels["kubernetes.io/legacy-token-invalid-since"]);
        await cluster.Sees<Secret>("default", "the label", all => all is [{ Metadata.Labels.Count: 1 }]);
        await SweepAsync(cluster, options, TimeSpan.FromDays(6));
        Assert.Empty((await cluster.Admin.ListAsync<Secret>("default", null, Ct)).Items);
    }

    /// <summary>A look at all tokens, some days from now.</summary>
    private static async Task SweepAsync(TestCluster cluster, ControllerManagerOptions options, TimeSpan later)
    {
        var time = new JumpingTime();
        time.Advance(later);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var informers = new InformerFactory(cluster.Admin, TimeProvider.System, NullLoggerFactory.Instance);
        var (secrets, accounts, pods) = (informers.For<Secret>(), informers.For<ServiceAccount>(), informers.For<Pod>());
        var running = informers.RunAsync(stop.Token);
        await Task.WhenAll(secrets.Synced, accounts.Synced, pods.Synced).WaitAsync(TimeSpan.FromSeconds(60), Ct);
        var client = cluster.For("system:serviceaccount:kube-system:legacy-service-account-token-cleaner");
        var context = new ControllerContext(options, cluster, client, informers, time, NullLoggerFactory.Instance);
        await new LegacyTokenCleaner(secrets.Cache, accounts.Cache, pods.Cache, client, context).ReconcileAsync(new("", "sweep"), Ct);
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
