using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Api.Certificates.V1;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using PodCertificateRequest = Kobune.Api.Certificates.V1Beta1.PodCertificateRequest;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Who may approve requests of a signer, or sign them: whoever may do so with the signer's name, or with all names of its domain (plugin/pkg/admission/certificates).</summary>
internal sealed class CertificateRights(IAuthorizer authorizer, string name, string subresource, string verb) : IValidatingAdmission
{
    public string Name => name;

    /// <summary>CertificateApproval.</summary>
    public static CertificateRights Approval(IAuthorizer authorizer) => new(authorizer, "CertificateApproval", "approval", "approve");

    /// <summary>CertificateSigning.</summary>
    public static CertificateRights Signing(IAuthorizer authorizer) => new(authorizer, "CertificateSigning", "status", "sign");

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (verb == "sign" && request.IsFor("certificates.k8s.io", "podcertificaterequests", subresource))
        {
            await CheckPodAsync(request, ct);
            return;
        }

        if (!request.IsFor("certificates.k8s.io", "certificatesigningrequests", subresource) || !request.Is(AdmissionOperation.Update) || request.OldObject is null || request.Object is null)
        {
            return;
        }

        // The signer of the old object: nobody changes it on the way.
        var (now, before) = (request.Object.Read<CertificateSigningRequest>(), request.OldObject.Read<CertificateSigningRequest>());
        var isSigning = !now.Status.Certificate.Span.SequenceEqual(before.Status.Certificate.Span) || now.Status.Conditions.Any(c => c.Type == "Failed") != before.Status.Conditions.Any(c => c.Type == "Failed");
        if (verb == "sign" && !isSigning)
        {
            return;
        }

        var signer = before.Spec.SignerName;
        if (!await MayAsync(request, signer, ct) && !await MayAsync(request, $"{signer.Split('/')[0]}/*", ct))
        {
            throw request.Refusal($"user not permitted to {verb} requests with signerName \"{signer}\"");
        }
    }

    /// <summary>Requests for pods' certificates: upstream asks in the strategy, so that the refusal is one of the object.</summary>
    private async ValueTask CheckPodAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.OldObject?.Read<PodCertificateRequest>() is not { } before || request.Object?.Read<PodCertificateRequest>().Status == before.Status)
        {
            return;
        }

        var signer = before.Spec.SignerName;
        if (!await MayAsync(request, signer, ct) && !await MayAsync(request, $"{signer.Split('/')[0]}/*", ct))
        {
            var errors = new FieldErrors();
            errors.Forbidden("spec.signerName", $"User \"{request.User.Name}\" is not permitted to \"sign\" for signer \"{signer}\"");
            throw StatusErrors.Invalid(request.Resource.Group, "PodCertificateRequest", request.Name, errors);
        }
    }

    private async ValueTask<bool> MayAsync(AdmissionRequest request, string signer, CancellationToken ct)
    {
        var asked = new RequestInfo { IsResourceRequest = true, Path = "", Verb = verb, ApiGroup = "certificates.k8s.io", ApiVersion = "*", Resource = "signers", Name = signer };
        return (await authorizer.AuthorizeAsync(request.User, asked, ct)).Decision == Decision.Allow;
    }
}

/// <summary>No certificate for clients of the API server says that its holder is of system:masters (plugin/pkg/admission/certificates/subjectrestriction).</summary>
internal sealed class CertificateSubjectRestriction : IValidatingAdmission
{
    private const string Signer = "kubernetes.io/kube-apiserver-client";

    public string Name => "CertificateSubjectRestriction";

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("certificates.k8s.io", "certificatesigningrequests") || !request.Is(AdmissionOperation.Create) || request.Object is null)
        {
            return default;
        }

        var spec = request.Object.Read<CertificateSigningRequest>().Spec;
        return spec.SignerName == Signer && IsForMasters(request, spec.Request)
            ? throw request.Refusal($"use of {Signer} signer with system:masters group is not allowed")
            : default;
    }

    private static bool IsForMasters(AdmissionRequest request, ReadOnlyMemory<byte> pem)
    {
        try
        {
            var parsed = CertificateRequest.LoadSigningRequestPem(Encoding.UTF8.GetString(pem.Span), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            return parsed.SubjectName.EnumerateRelativeDistinguishedNames().Any(n => !n.HasMultipleElements && n.GetSingleElementType().Value == "2.5.4.10" && n.GetSingleElementValue() == "system:masters");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw request.Refusal($"failed to parse CSR: {e.Message}");
        }
    }
}
