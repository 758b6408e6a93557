using Kobune.Api.Authorization.V1;
using Kobune.Api.Certificates.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Certificates;

/// <summary>Approves requests of kubelets for their own client certificates, where roles allow it. Source: pkg/controller/certificates/approver.</summary>
internal sealed class ApprovingReconciler(ICache<CertificateSigningRequest> requests, IClient client, TimeProvider time) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (requests.Find(key) is not { } request || request.Status.Certificate.Length > 0 || request.Status.Conditions.Any(c => c.Type is "Approved" or "Denied")
            || RequestedCertificate.Read(request.Spec.Request.Span, out _) is not { } asked || !SignerRules.IsKubeletClient(request.Spec.SignerName, asked, request.Spec.Usages))
        {
            return ReconcileResult.Done;
        }

        var isOwn = asked.CommonName == request.Spec.Username;
        foreach (var (subresource, message) in new[] { ("selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview."), ("nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.") })
        {
            if ((subresource == "selfnodeclient" && !isOwn) || !await MayAsync(request, subresource, ct))
            {
                continue;
            }

            var approved = new CertificateSigningRequestCondition { Type = "Approved", Status = "True", Reason = "AutoApproved", Message = message, LastUpdateTime = time.GetUtcNow() };
            await client.UpdateSubresourceAsync(request with { Status = request.Status with { Conditions = [.. request.Status.Conditions, approved] } }, "approval", ct);
            return ReconcileResult.Done;
        }

        // No event tells when a role begins to allow it.
        throw new InvalidOperationException($"recognized csr \"{key.Name}\" as [{(isOwn ? "selfnodeclient nodeclient" : "nodeclient")}] but subject access review was not approved");
    }

    private async Task<bool> MayAsync(CertificateSigningRequest request, string subresource, CancellationToken ct)
    {
        var review = new SubjectAccessReview
        {
            Spec = new()
            {
                User = request.Spec.Username,
                Uid = request.Spec.Uid,
                Groups = request.Spec.Groups,
                Extra = request.Spec.Extra,
                ResourceAttributes = new() { Group = "certificates.k8s.io", Resource = "certificatesigningrequests", Verb = "create", Subresource = subresource, Version = "*" },
            },
        };
        return (await client.CreateAsync(review, ct)).Status.Allowed;
    }
}
