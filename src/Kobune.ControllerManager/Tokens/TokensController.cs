using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Tokens;

/// <summary>Registration of the controller that fills legacy token Secrets. It runs under the controller manager's own identity, as upstream's does.</summary>
internal static class TokensController
{
    public const string SecretTypeName = "kubernetes.io/service-account-token";
    public const string AccountName = "kubernetes.io/service-account.name";
    public const string AccountUid = "kubernetes.io/service-account.uid";

    public static ControllerLoop Create(ControllerContext context)
    {
        if (context.Options.LegacyTokenSigner is not { } signer)
        {
            return new("serviceaccount-token", _ => Task.CompletedTask);
        }

        var controller = context.Controller("serviceaccount-token", identity: null, workers: 1);
        var accounts = controller.Informer<ServiceAccount>();
        var secrets = controller.Informer<Secret>(fieldSelector: "type=" + SecretTypeName);
        var byAccount = secrets.Cache.Index("service-account", s => [s.Metadata.Namespace + "/" + s.Metadata.Annotations.GetValueOrDefault(AccountName)]);
        var reconciler = new TokensReconciler(secrets.Cache, accounts.Cache, controller.Client, signer, context.Options.RootCertificateAuthority);
        controller.Runner.On(secrets, reconciler.Observe).For(secrets).Watches(accounts, account => byAccount[ObjectKey.Of(account).ToString()].Select(s => ObjectKey.Of(s)));
        return controller.Build(reconciler);
    }
}
