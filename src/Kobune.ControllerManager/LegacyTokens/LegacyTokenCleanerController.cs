using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Placement;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Tokens;

namespace Kobune.ControllerManager.LegacyTokens;

/// <summary>Registration of the controller that first invalidates and then removes tokens that nobody uses. There is one key: all tokens, at the start and once a day.</summary>
internal static class LegacyTokenCleanerController
{
    private static readonly ObjectKey Sweep = new("", "sweep");

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("legacy-serviceaccount-token-cleaner", "legacy-service-account-token-cleaner", workers: 1);
        var (secrets, accounts, pods) = (controller.Informer<Secret>(fieldSelector: "type=" + TokensController.SecretTypeName), controller.Informer<ServiceAccount>(), controller.Informer<Pod>());
        return controller.Build(
            new LegacyTokenCleaner(secrets.Cache, accounts.Cache, pods.Cache, controller.Client, context),
            _ =>
            {
                controller.Runner.Queue.Add(Sweep);
                return Task.CompletedTask;
            });
    }
}

/// <summary>Looks at all tokens.</summary>
internal sealed class LegacyTokenCleaner(ICache<Secret> secrets, ICache<ServiceAccount> accounts, ICache<Pod> pods, IClient client, ControllerContext context) : IReconciler
{
    /// <summary>How often.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromHours(24);

    private const string Tracking = "kube-apiserver-legacy-service-account-token-tracking";

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var (now, period) = (context.Time.GetUtcNow(), context.Options.LegacyTokenCleanUpPeriod);
        if (LegacyTokenPlan.IsTrackedLongEnough(await TrackedSinceAsync(ct), now, period))
        {
            foreach (var secret in secrets.List())
            {
                var ns = secret.Metadata.Namespace;
                var account = LegacyTokenPlan.AccountOf(secret, accounts);
                var isMounted = pods.List(ns).Any(p => PodReferences.Secrets(p.Spec).Contains(secret.Metadata.Name));
                await DoAsync(secret, LegacyTokenPlan.Compute(secret, account, isMounted, now, period), now, ct);
            }
        }

        return ReconcileResult.RequeueAfter(Period);
    }

    private async Task<string> TrackedSinceAsync(CancellationToken ct)
    {
        try
        {
            return (await client.GetAsync<ConfigMap>("kube-system", Tracking, ct)).Data.GetValueOrDefault("since", "");
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return "";
        }
    }

    private async Task DoAsync(Secret secret, LegacyTokenStep step, DateTimeOffset now, CancellationToken ct)
    {
        var (ns, name) = (secret.Metadata.Namespace, secret.Metadata.Name);
        try
        {
            if (step == LegacyTokenStep.Invalidate)
            {
                var labels = new JsonObject { [LegacyTokenPlan.InvalidSince] = LegacyTokenPlan.Date(now) };
                await client.PatchAsync<Secret>(ns, name, Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = secret.Metadata.Uid, ["labels"] = labels } }), null, ct);
            }
            else if (step == LegacyTokenStep.Delete)
            {
                var unchanged = new Preconditions { Uid = secret.Metadata.Uid, ResourceVersion = secret.Metadata.ResourceVersion };
                await client.DeleteAsync<Secret>(ns, name, new DeleteOptions { Preconditions = unchanged }, ct);
            }
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone or used meanwhile: the next day tells.
        }
    }
}
