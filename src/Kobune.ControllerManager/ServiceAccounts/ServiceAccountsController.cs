using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.ServiceAccounts;

/// <summary>Registration of the controller that gives each namespace its default service account.</summary>
internal static class ServiceAccountsController
{
    public const string Default = "default";

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("serviceaccount", "service-account-controller", workers: 1);
        var namespaces = controller.Informer<Namespace>();
        var accounts = controller.Informer<ServiceAccount>();
        controller.Runner
            .For(namespaces)
            .On(accounts, change =>
            {
                if (change.Kind == ChangeKind.Deleted && change.Key.Name == Default)
                {
                    controller.Runner.Queue.Add(new("", change.Key.Namespace));
                }
            });
        return controller.Build(new ServiceAccountsReconciler(namespaces.Cache, accounts.Cache, controller.Client));
    }
}

/// <summary>Creates the default service account where it is missing.</summary>
internal sealed class ServiceAccountsReconciler(ICache<Namespace> namespaces, ICache<ServiceAccount> accounts, IClient client) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (namespaces.Find(key) is not { Status.Phase: not NamespacePhase.Terminating } ns || ns.IsDeleting() || accounts.Find(key.Name, ServiceAccountsController.Default) is not null)
        {
            return ReconcileResult.Done;
        }

        try
        {
            await client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Namespace = key.Name, Name = ServiceAccountsController.Default } }, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists || e.IsNamespaceTerminating || e.IsNotFound)
        {
            // There already, or its namespace is on its way out.
        }

        return ReconcileResult.Done;
    }
}
