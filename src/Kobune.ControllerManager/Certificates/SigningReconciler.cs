using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Certificates.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Certificates;

/// <summary>Signs requests that were approved, for Kubernetes' own signers; what a signer does not sign gets the condition Failed. Source: pkg/controller/certificates/signer.</summary>
internal sealed class SigningReconciler(ICache<CertificateSigningRequest> requests, IClient client, ControllerManagerOptions options, TimeProvider time) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (options.CertificateSigner is not { } signer || requests.Find(key) is not { } request || !IsWaiting(request))
        {
            return ReconcileResult.Done;
        }

        var problem = "";
        if (RequestedCertificate.Read(request.Spec.Request.Span, out var unreadable) is not { } asked)
        {
            problem = $"unable to parse csr \"{request.Metadata.Name}\": {unreadable}";
        }
        else if (SignerRules.ProblemOf(request.Spec.SignerName, asked, request.Spec.Usages) is { } refused)
        {
            problem = refused;
        }

        var status = request.Status;
        if (problem.Length == 0)
        {
            try
            {
                var pem = signer.Sign(Encoding.UTF8.GetString(request.Spec.Request.Span), request.Spec.Usages, Lifetime(request.Spec.ExpirationSeconds));
                status = status with { Certificate = Encoding.ASCII.GetBytes(pem) };
            }
            catch (CryptographicException e)
            {
                problem = e.Message;
            }
        }

        if (problem.Length > 0)
        {
            var failed = new CertificateSigningRequestCondition { Type = "Failed", Status = "True", Reason = "SignerValidationFailure", Message = problem, LastUpdateTime = time.GetUtcNow() };
            status = status with { Conditions = [.. status.Conditions, failed] };
        }

        await client.UpdateStatusAsync(request with { Status = status }, ct);
        return ReconcileResult.Done;
    }

    private static bool IsWaiting(CertificateSigningRequest request) =>
        SignerRules.IsKnown(request.Spec.SignerName) && request.Status.Certificate.Length == 0
        && request.Status.Conditions.Any(c => c.Type == "Approved") && !request.Status.Conditions.Any(c => c.Type is "Denied" or "Failed");

    private TimeSpan Lifetime(int? seconds) => seconds is { } asked && TimeSpan.FromSeconds(asked) is var wanted && wanted < options.ClusterSigningDuration ? wanted : options.ClusterSigningDuration;
}
