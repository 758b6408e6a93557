using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Tokens;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.BootstrapTokens;

/// <summary>Registration of the controller that removes bootstrap tokens that have expired. Source: pkg/controller/bootstrap/tokencleaner.go.</summary>
internal static class TokenCleanerController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("tokencleaner", "token-cleaner", workers: 1);
        var secrets = controller.Informer<Secret>(fieldSelector: "type=" + BootstrapTokenSecret.SecretType);
        controller.Runner.For(secrets, s => s.Metadata.Namespace == BootstrapTokenSecret.Namespace && BootstrapTokenSecret.Expiration(s) is not null);
        return controller.Build(new TokenCleanerReconciler(secrets.Cache, controller.Client, context.Time));
    }
}

/// <summary>Deletes a token at the moment it expires.</summary>
internal sealed class TokenCleanerReconciler(ICache<Secret> secrets, IClient client, TimeProvider time) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (secrets.Find(key) is not { } secret || secret.IsDeleting() || BootstrapTokenSecret.Expiration(secret) is not { } expires)
        {
            return ReconcileResult.Done;
        }

        if (expires > time.GetUtcNow())
        {
            return ReconcileResult.RequeueAfter(expires - time.GetUtcNow());
        }

        try
        {
            await client.DeleteAsync<Secret>(key.Namespace, key.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = secret.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already, or another one of this name.
        }

        return ReconcileResult.Done;
    }
}
