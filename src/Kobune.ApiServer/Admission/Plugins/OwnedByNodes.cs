using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>What a kubelet may write beside nodes and pods (plugin/pkg/admission/noderestriction): sizes and conditions of claims, its own ResourceSlices, requests for its own certificates.</summary>
internal static class OwnedByNodes
{
    private static readonly string[] ClaimFields = ["capacity", "conditions", "allocatedResourceStatuses", "allocatedResources"];

    public static void CheckClaim(AdmissionRequest request, string node)
    {
        if (request.Info.Subresource != "status")
        {
            throw request.Refusal("may only update PVC status");
        }

        if (!request.Is(AdmissionOperation.Update))
        {
            throw request.Refusal($"unexpected operation \"{request.Operation.ToString().ToUpperInvariant()}\"");
        }

        if (!JsonNode.DeepEquals(Rest(request.OldObject!.ToTree()), Rest((JsonObject)request.Object!.DeepClone())))
        {
            throw request.Refusal($"node \"{node}\" is not allowed to update fields other than status.quantity and status.conditions");
        }
    }

    public static void CheckSlice(AdmissionRequest request, string node)
    {
        var (slice, verb) = request.Operation switch
        {
            AdmissionOperation.Create => (request.Object, "create"),
            AdmissionOperation.Delete => (request.OldObject?.ToTree(), "delete"),
            _ => (null, ""), // the authorizer knows the object that is there
        };
        if (slice is not null && slice.Child("spec").Text("nodeName") != node)
        {
            throw request.Refusal($"can only {verb} ResourceSlice with the same NodeName as the requesting node");
        }
    }

    public static void CheckSigningRequest(AdmissionRequest request, string node)
    {
        var spec = (request.Object as JsonObject).Child("spec");
        if (!request.Is(AdmissionOperation.Create) || spec.Text("signerName") is not ("kubernetes.io/kubelet-serving" or "kubernetes.io/kube-apiserver-client-kubelet"))
        {
            return;
        }

        var wanted = UserNames.NodePrefix + node;
        if (CommonName(request, spec.Text("request")) != wanted)
        {
            throw request.Refusal($"can only create a node CSR with CN={wanted}");
        }
    }

    private static string CommonName(AdmissionRequest request, string text)
    {
        try
        {
            var pem = Encoding.ASCII.GetString(Convert.FromBase64String(text));
            var csr = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.SkipSignatureValidation);
            return csr.SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == "2.5.4.3")
                .Select(part => part.GetSingleElementValue()).LastOrDefault() ?? "";
        }
        catch (Exception e) when (e is FormatException or ArgumentException or CryptographicException)
        {
            throw request.Refusal($"unable to parse csr: {e.Message}");
        }
    }

    private static JsonObject Rest(JsonObject claim)
    {
        claim.Child("metadata")?.Remove("resourceVersion");
        claim.Child("metadata")?.Remove("managedFields");
        foreach (var field in ClaimFields)
        {
            claim.Child("status")?.Remove(field);
        }

        if (claim.Child("status") is { Count: 0 })
        {
            claim.Remove("status");
        }

        return claim;
    }
}
