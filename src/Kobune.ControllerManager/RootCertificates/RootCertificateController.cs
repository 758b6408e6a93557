using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.RootCertificates;

/// <summary>Registration of the controller that publishes the API server's authority in every namespace. Source: pkg/controller/certificates/rootcacertpublisher.</summary>
internal static class RootCertificateController
{
    public const string Name = "kube-root-ca.crt";

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("root-ca-certificate-publisher", "root-ca-cert-publisher", workers: 1);
        var namespaces = controller.Informer<Namespace>();
        var maps = controller.Informer<ConfigMap>(fieldSelector: "metadata.name=" + Name);
        controller.Runner.For(namespaces).Watches(maps, map => [new("", map.Metadata.Namespace)]);
        return controller.Build(new RootCertificateReconciler(namespaces.Cache, maps.Cache, controller.Client, context.Options, context.Time));
    }
}

/// <summary>Keeps the ConfigMap kube-root-ca.crt of each namespace as it should be.</summary>
internal sealed class RootCertificateReconciler(ICache<Namespace> namespaces, ICache<ConfigMap> maps, IClient client, ControllerManagerOptions options, TimeProvider time) : IReconciler
{
    private const string DescriptionAnnotation = "kubernetes.io/description";
    private const string Description = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. "
        + "No other usage is guaranteed across distributions of Kubernetes clusters.";

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (options.RootCertificateAuthority.Length == 0 || namespaces.Find(key) is not { Status.Phase: not NamespacePhase.Terminating } ns || ns.IsDeleting())
        {
            return ReconcileResult.Done;
        }

        var started = time.GetTimestamp();
        try
        {
            await EnsureAsync(key.Name, ct);
            options.Metrics.Upkeep.CertificateSynced(null, time.GetElapsedTime(started));
        }
        catch (ApiException e) when (e.IsAlreadyExists || e.IsNamespaceTerminating)
        {
            options.Metrics.Upkeep.CertificateSynced(null, time.GetElapsedTime(started)); // there already, or its namespace is on its way out
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            options.Metrics.Upkeep.CertificateSynced(e, time.GetElapsedTime(started));
            throw;
        }

        return ReconcileResult.Done;
    }

    private async Task EnsureAsync(string ns, CancellationToken ct)
    {
        var data = new Dictionary<string, string> { ["ca.crt"] = options.RootCertificateAuthority };
        if (maps.Find(ns, RootCertificateController.Name) is not { } map)
        {
            var annotations = new Dictionary<string, string> { [DescriptionAnnotation] = Description };
            await client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Namespace = ns, Name = RootCertificateController.Name, Annotations = annotations }, Data = data }, ct);
            return;
        }

        if (map.Data.Count == 1 && map.Data.GetValueOrDefault("ca.crt") == options.RootCertificateAuthority && map.Metadata.Annotations.GetValueOrDefault(DescriptionAnnotation) == Description)
        {
            return;
        }

        var mended = map.Metadata.Annotations.ToDictionary();
        mended[DescriptionAnnotation] = Description;
        await client.UpdateAsync(map with { Metadata = map.Metadata with { Annotations = mended }, Data = data }, ct);
    }
}
