using Kobune.Api.Certificates.V1;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Certificates;

/// <summary>Registration of the controllers of certificates.k8s.io.</summary>
internal static class CertificateControllers
{
    private const string Identity = "certificate-controller";

    public static ControllerLoop CreateSigning(ControllerContext context) =>
        Create(context, "csrsigning", (requests, controller) => new SigningReconciler(requests, controller.Client, context.Options, context.Time));

    public static ControllerLoop CreateApproving(ControllerContext context) =>
        Create(context, "csrapproving", (requests, controller) => new ApprovingReconciler(requests, controller.Client, context.Time));

    public static ControllerLoop CreateCleaning(ControllerContext context) =>
        Create(context, "csrcleaner", (requests, controller) => new CleaningReconciler(requests, controller.Client, context.Time));

    private static ControllerLoop Create(ControllerContext context, string name, Func<ICache<CertificateSigningRequest>, ControllerBuilder, IReconciler> reconciler)
    {
        var controller = context.Controller(name, Identity, workers: 1);
        var requests = controller.Informer<CertificateSigningRequest>();
        controller.Runner.For(requests);
        return controller.Build(reconciler(requests.Cache, controller));
    }
}
