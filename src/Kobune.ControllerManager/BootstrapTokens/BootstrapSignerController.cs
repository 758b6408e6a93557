using Kobune.Api.Core.V1;
using Kobune.Api.Tokens;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.BootstrapTokens;

/// <summary>Registration of the controller that signs kube-public/cluster-info with all tokens that may. Source: pkg/controller/bootstrap/bootstrapsigner.go.</summary>
internal static class BootstrapSignerController
{
    public const string ConfigMapName = "cluster-info";
    public const string ConfigMapNamespace = "kube-public";
    private static readonly ObjectKey Info = new(ConfigMapNamespace, ConfigMapName);

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("bootstrapsigner", "bootstrap-signer", workers: 1);
        var secrets = controller.Informer<Secret>(fieldSelector: "type=" + BootstrapTokenSecret.SecretType);
        var maps = controller.Informer<ConfigMap>(fieldSelector: "metadata.name=" + ConfigMapName);
        controller.Runner
            .For(maps, m => m.Metadata.Namespace == ConfigMapNamespace)
            .Watches(secrets, s => s.Metadata.Namespace == BootstrapTokenSecret.Namespace ? [Info] : []);
        return controller.Build(new BootstrapSignerReconciler(maps.Cache, secrets.Cache, controller.Client, context.Time));
    }
}

/// <summary>Keeps one signature for each signing token, and none of others.</summary>
internal sealed class BootstrapSignerReconciler(ICache<ConfigMap> maps, ICache<Secret> secrets, IClient client, TimeProvider time) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (maps.Find(key) is not { } info || info.IsDeleting())
        {
            return ReconcileResult.Done;
        }

        var now = time.GetUtcNow();
        var tokens = secrets.List(BootstrapTokenSecret.Namespace);
        if (ClusterInfoSignatures.Sign(info.Data, tokens, now) is { } signed)
        {
            await client.UpdateAsync(info with { Data = signed }, ct);
        }

        // A token that expires signs no more, also when nobody deletes it.
        var next = tokens.Where(s => BootstrapTokenSecret.SigningKey(s, now) is not null).Select(BootstrapTokenSecret.Expiration).Where(e => e > now).Min();
        return next is { } expires ? ReconcileResult.RequeueAfter(expires - now) : ReconcileResult.Done;
    }
}
