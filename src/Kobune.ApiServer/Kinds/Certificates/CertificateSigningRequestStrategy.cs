using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Certificates.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Certificates;

/// <summary>Requests for certificates: who asked is written down by the server, and what was asked never changes (pkg/registry/certificates, pkg/apis/certificates/validation).</summary>
internal sealed class CertificateSigningRequestStrategy : KindStrategy
{
    private const int LeastSeconds = 600;
    private const string LegacySigner = "kubernetes.io/legacy-unknown";
    private static readonly string[] Decisions = ["Approved", "Denied"];
    private static readonly string[] Final = ["Approved", "Denied", "Failed"];

    private static readonly string[] Usages =
    [
        "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system",
        "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
    ];

    public override (string Group, string Resource) Resource => ("certificates.k8s.io", "certificatesigningrequests");

    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        obj.Remove("status");
        var spec = obj.Need("spec");
        var user = context.User;
        Set(spec, "username", user.Name);
        Set(spec, "uid", user.Uid);
        spec.Remove("groups");
        spec.Remove("extra");
        if (user.Groups.Count > 0)
        {
            spec["groups"] = Json(user.Groups);
        }

        if (user.Extra.Count > 0)
        {
            spec["extra"] = new JsonObject(user.Extra.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)Json(e.Value))));
        }
    }

    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        obj["spec"] = old["spec"]?.DeepClone();
        if (subresource is not ("approval" or "status"))
        {
            return;
        }

        var now = JsonValue.Create(ObjectTree.Rfc3339(context.Time.GetUtcNow()));
        foreach (var condition in obj.Child("status").Items("conditions"))
        {
            var before = old.Child("status").Items("conditions").FirstOrDefault(c => c.Text("type") == condition.Text("type") && c.Text("status") == condition.Text("status"));
            condition["lastUpdateTime"] ??= now.DeepClone();
            condition["lastTransitionTime"] ??= before?["lastTransitionTime"]?.DeepClone() ?? now.DeepClone();
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<CertificateSigningRequest>().Spec;
        if (ProblemOf(spec.Request) is { } problem)
        {
            errors.Invalid("spec.request", Convert.ToBase64String(spec.Request.Span), problem);
        }

        if (spec.Usages.Count == 0)
        {
            errors.Required("spec.usages", "");
        }

        for (var i = 0; i < spec.Usages.Count; i++)
        {
            if (!Usages.Contains(spec.Usages[i]))
            {
                errors.NotSupported($"spec.usages[{i}]", spec.Usages[i], Usages);
            }
            else if (spec.Usages.Take(i).Contains(spec.Usages[i]))
            {
                errors.Duplicate($"spec.usages[{i}]", spec.Usages[i]);
            }
        }

        if (spec.SignerName == LegacySigner)
        {
            errors.Invalid("spec.signerName", spec.SignerName, "the legacy signerName is not allowed via this API version");
        }
        else
        {
            SignerNames.Validate(spec.SignerName, "spec.signerName", errors);
        }

        if (spec.ExpirationSeconds < LeastSeconds)
        {
            errors.Invalid("spec.expirationSeconds", spec.ExpirationSeconds, "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<CertificateSigningRequest>().Status, old.Read<CertificateSigningRequest>().Status);
        foreach (var type in Final)
        {
            var (isThere, was) = (now.Conditions.Any(c => c.Type == type), before.Conditions.Any(c => c.Type == type));
            if (was && !isThere)
            {
                errors.Forbidden("status.conditions", $"updates may not remove a condition of type \"{type}\"");
            }
            else if (isThere && !was && subresource == "status" && Decisions.Contains(type))
            {
                errors.Forbidden("status.conditions", $"updates may not add a condition of type \"{type}\"");
            }
        }

        if (Decisions.All(d => now.Conditions.Any(c => c.Type == d)) && !Decisions.All(d => before.Conditions.Any(c => c.Type == d)))
        {
            errors.Invalid("status.conditions", "Approved, Denied", "Approved and Denied conditions are mutually exclusive");
        }

        Conditions(now, errors);
        if (before.Certificate.Length > 0 && !now.Certificate.Span.SequenceEqual(before.Certificate.Span))
        {
            errors.Forbidden("status.certificate", "updates may not set certificate content to a different value once it is set");
        }
    }

    private static void Conditions(CertificateSigningRequestStatus status, FieldErrors errors)
    {
        for (var i = 0; i < status.Conditions.Count; i++)
        {
            var condition = status.Conditions[i];
            if (condition.Type.Length == 0)
            {
                errors.Required($"status.conditions[{i}].type", "");
            }

            if (condition.Status.Length == 0)
            {
                errors.Required($"status.conditions[{i}].status", "");
            }
            else if (Final.Contains(condition.Type) && condition.Status != "True")
            {
                errors.NotSupported($"status.conditions[{i}].status", condition.Status, ["True"]);
            }
        }
    }

    /// <summary>What is wrong with a request; null for a good one.</summary>
    private static string? ProblemOf(ReadOnlyMemory<byte> request)
    {
        var pem = Encoding.UTF8.GetString(request.Span);
        if (!PemEncoding.TryFind(pem, out var fields) || pem.AsSpan(fields.Label) is not "CERTIFICATE REQUEST")
        {
            return "PEM block type must be CERTIFICATE REQUEST";
        }

        try
        {
            _ = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return e.Message;
        }
    }

    private static void Set(JsonObject spec, string field, string value)
    {
        spec.Remove(field);
        if (value.Length > 0)
        {
            spec[field] = value;
        }
    }

    private static JsonArray Json(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];
}
