using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Api.Certificates.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Certificates;

/// <summary>Deletes requests that were settled an hour ago, that nobody said anything of for a day, or whose certificate has expired. Source: pkg/controller/certificates/cleaner.</summary>
internal sealed class CleaningReconciler(ICache<CertificateSigningRequest> requests, IClient client, TimeProvider time) : IReconciler
{
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pending = TimeSpan.FromHours(24);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (requests.Find(key) is not { } request)
        {
            return ReconcileResult.Done;
        }

        var left = EndOf(request) - time.GetUtcNow();
        if (left is null || left > TimeSpan.Zero)
        {
            return ReconcileResult.RequeueAfter(left);
        }

        try
        {
            await client.DeleteAsync<CertificateSigningRequest>("", key.Name, null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // somebody was faster
        }

        return ReconcileResult.Done;
    }

    /// <summary>When a request goes; null while nothing says so: one that is approved waits for its signer without end.</summary>
    internal static DateTimeOffset? EndOf(CertificateSigningRequest request)
    {
        if (request.Status.Conditions.Count == 0)
        {
            return request.Metadata.CreationTimestamp + Pending;
        }

        var isIssued = request.Status.Certificate.Length > 0;
        var ends = request.Status.Conditions
            .Where(c => c.Type is "Denied" or "Failed" || (c.Type == "Approved" && isIssued))
            .Select(c => c.LastUpdateTime + Settled)
            .Append(request.Status.Conditions.Any(c => c.Type == "Approved") ? Expiry(request) : null);
        return ends.Min();
    }

    private static DateTimeOffset? Expiry(CertificateSigningRequest request)
    {
        if (request.Status.Certificate.Length == 0)
        {
            return null;
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(request.Status.Certificate.Span));
            return certificate.NotAfter.ToUniversalTime();
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null; // another signer's, in a form of its own
        }
    }
}
