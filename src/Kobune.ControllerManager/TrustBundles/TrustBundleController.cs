using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Certificates.V1Beta1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.TrustBundles;

/// <summary>Registration of the controller that publishes the API server's authority as a ClusterTrustBundle. Source: pkg/controller/certificates/clustertrustbundlepublisher.</summary>
internal static class TrustBundleController
{
    public const string Name = "kube-apiserver-serving-clustertrustbundle-publisher-controller";

    /// <summary>Whose authorities they are.</summary>
    public const string Signer = "kubernetes.io/kube-apiserver-serving";

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("clustertrustbundle-publisher", "kube-apiserver-serving-clustertrustbundle-publisher", workers: 1);
        var bundles = controller.Informer<ClusterTrustBundle>("spec.signerName=" + Signer);
        controller.Runner.On(bundles, _ => controller.Runner.Queue.Add(TrustBundleReconciler.Key));
        return controller.Build(new TrustBundleReconciler(bundles.Cache, controller.Client, context.Options, context.Time), _ =>
        {
            controller.Runner.Queue.Add(TrustBundleReconciler.Key);
            return Task.CompletedTask;
        });
    }
}

/// <summary>Keeps one bundle of the signer, whose name tells its content, and no other.</summary>
internal sealed class TrustBundleReconciler(ICache<ClusterTrustBundle> bundles, IClient client, ControllerManagerOptions options, TimeProvider time) : IReconciler
{
    /// <summary>There is one thing to do.</summary>
    public static readonly ObjectKey Key = new("", "bundle");

    private const int HashBytes = 12;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (options.RootCertificateAuthority.Length == 0)
        {
            return ReconcileResult.Done;
        }

        var start = time.GetTimestamp();
        try
        {
            await PublishAsync(NameOf(options.RootCertificateAuthority), ct);
            options.Metrics.Upkeep.TrustBundleSynced(null, time.GetElapsedTime(start));
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            options.Metrics.Upkeep.TrustBundleSynced(e, time.GetElapsedTime(start));
            throw;
        }

        return ReconcileResult.Done;
    }

    /// <summary>The name of the bundle with this content.</summary>
    internal static string NameOf(string authority) =>
        TrustBundleController.Signer.Replace('/', ':') + ":" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(authority)).AsSpan(0, HashBytes));

    private async Task PublishAsync(string name, CancellationToken ct)
    {
        var spec = new ClusterTrustBundleSpec { SignerName = TrustBundleController.Signer, TrustBundle = options.RootCertificateAuthority };
        if (bundles.Find("", name) is not { } bundle)
        {
            await client.CreateAsync(new ClusterTrustBundle { Metadata = new() { Name = name }, Spec = spec }, ct);
        }
        else if (bundle.Spec.TrustBundle != spec.TrustBundle)
        {
            await client.UpdateAsync(bundle with { Spec = spec }, ct);
        }

        ApiException? problem = null;
        foreach (var old in bundles.List().Where(b => b.Metadata.Name != name))
        {
            try
            {
                await client.DeleteAsync<ClusterTrustBundle>("", old.Metadata.Name, null, ct);
            }
            catch (ApiException e)
            {
                problem = e.IsNotFound ? problem : e;
            }
        }

        if (problem is not null)
        {
            throw problem;
        }
    }
}
