using Kobune.Api.Storage.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>What a CSI driver says of itself. Source: pkg/apis/storage/validation, validateCSIDriverSpec.</summary>
internal static class CSIDriverRules
{
    private const long ShortestToken = 600;
    private const long LongestToken = 1L << 32;
    private const long ShortestUpdate = 10;

    public static void Validate(CSIDriverSpec spec, FieldErrors errors)
    {
        if (spec.FSGroupPolicy is { } policy and not ("File" or "None" or "ReadWriteOnceWithFSType"))
        {
            errors.NotSupported("spec.fsGroupPolicy", policy, ["File", "None", "ReadWriteOnceWithFSType"]);
        }

        Tokens(spec.TokenRequests, errors);
        foreach (var mode in spec.VolumeLifecycleModes.Where(m => m is not ("Persistent" or "Ephemeral")))
        {
            errors.NotSupported("spec.volumeLifecycleModes", mode, ["Persistent", "Ephemeral"]);
        }

        if (spec.NodeAllocatableUpdatePeriodSeconds < ShortestUpdate)
        {
            errors.Invalid("spec.nodeAllocatableUpdatePeriodSeconds", spec.NodeAllocatableUpdatePeriodSeconds, "must be greater than or equal to 10 seconds");
        }

        if (spec.ServiceAccountTokenInSecrets is { } inSecrets && spec.TokenRequests.Count == 0)
        {
            errors.Invalid("spec.serviceAccountTokenInSecrets", inSecrets, "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
        }
    }

    private static void Tokens(IReadOnlyList<TokenRequest> requests, FieldErrors errors)
    {
        var audiences = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < requests.Count; i++)
        {
            var (request, path) = (requests[i], $"spec.tokenRequests[{i}]");
            if (!audiences.Add(request.Audience))
            {
                errors.Duplicate(path + ".audience", request.Audience);
                continue;
            }

            if (request.ExpirationSeconds < ShortestToken)
            {
                errors.Invalid(path + ".expirationSeconds", request.ExpirationSeconds, "may not specify a duration less than 10 minutes");
            }

            if (request.ExpirationSeconds > LongestToken)
            {
                errors.Invalid(path + ".expirationSeconds", request.ExpirationSeconds, "may not specify a duration larger than 2^32 seconds");
            }
        }
    }
}
