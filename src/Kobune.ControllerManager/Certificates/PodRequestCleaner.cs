using Kobune.Api.Certificates.V1Beta1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Certificates;

/// <summary>Deletes what pods asked certificates with, a quarter of an hour after it was asked, whatever came of it. Source: pkg/controller/certificates/cleaner/pcrcleaner.go.</summary>
internal sealed class PodRequestCleaner(ICache<PodCertificateRequest> requests, IClient client, TimeProvider time) : IReconciler
{
    /// <summary>How old one gets.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("podcertificaterequest-cleaner", "podcertificaterequestcleaner", workers: 1);
        var requests = controller.Informer<PodCertificateRequest>();
        controller.Runner.For(requests);
        return controller.Build(new PodRequestCleaner(requests.Cache, controller.Client, context.Time));
    }

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (requests.Find(key) is not { } request)
        {
            return ReconcileResult.Done;
        }

        if (request.Metadata.CreationTimestamp + Lifetime - time.GetUtcNow() is { } left && left > TimeSpan.Zero)
        {
            return ReconcileResult.RequeueAfter(left);
        }

        try
        {
            await client.DeleteAsync<PodCertificateRequest>(key.Namespace, key.Name, new DeleteOptions { Preconditions = new() { Uid = request.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // somebody was faster
        }

        return ReconcileResult.Done;
    }
}
