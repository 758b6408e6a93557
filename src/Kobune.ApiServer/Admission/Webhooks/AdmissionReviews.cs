using System.Text.Json.Nodes;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>What a webhook answered.</summary>
/// <param name="IsAllowed">Whether the request may go on.</param>
/// <param name="Result">Why not.</param>
/// <param name="Patch">Of a mutating webhook; empty for none.</param>
/// <param name="PatchType">JSONPatch.</param>
/// <param name="Warnings">For the client.</param>
/// <param name="AuditAnnotations">For the audit event, by key.</param>
internal sealed record ReviewAnswer(bool IsAllowed, Status? Result, ReadOnlyMemory<byte> Patch, string PatchType, IReadOnlyList<string> Warnings, IReadOnlyList<KeyValuePair<string, string>> AuditAnnotations);

/// <summary>AdmissionReviews to webhooks and back. Source: k8s.io/apiserver, admission/plugin/webhook/request and errors.</summary>
internal static class AdmissionReviews
{
    private const string Group = "admission.k8s.io";
    private static readonly SchemaType Type = ApiSchema.Newest.FindKind(Group, "v1", "AdmissionReview")!;

    /// <summary>The request of a review, without its objects.</summary>
    public static JsonObject Request(WebhookSubject subject, ServedResource version, string uid)
    {
        var request = subject.Request;
        var json = new JsonObject { ["uid"] = uid, ["kind"] = Kind(subject.KindIn(version)), ["resource"] = Resource(version) };
        AddText(json, "subResource", request.Info.Subresource);
        json["requestKind"] = Kind(subject.KindIn(subject.Requested));
        json["requestResource"] = Resource(subject.Requested);
        AddText(json, "requestSubResource", request.Info.Subresource);
        AddText(json, "name", subject.Name);
        AddText(json, "namespace", subject.Namespace);
        json["operation"] = subject.Operation;
        json["userInfo"] = UserInfoJson.Write(request.User);
        json["dryRun"] = request.DryRun;
        return json;
    }

    /// <summary>The same as match conditions see it: the kind is that of the version, the resource that of the request.</summary>
    public static JsonObject ConditionRequest(WebhookSubject subject, ServedResource version)
    {
        var request = Request(subject, version, "");
        request["resource"] = Resource(subject.Requested);
        return WithUnset(request, subject);
    }

    /// <summary>The same as other expressions see it.</summary>
    public static JsonObject ExpressionRequest(WebhookSubject subject, ServedResource version) => WithUnset(Request(subject, version, ""), subject);

    /// <summary>A whole review of a version, v1 or v1beta1, as JSON.</summary>
    public static byte[] Write(JsonObject request, ShownObjects objects, JsonObject? options, string version)
    {
        request["object"] = objects.Object?.DeepClone();
        request["oldObject"] = objects.Old?.DeepClone();
        request["options"] = options?.DeepClone();
        return FieldJson.Write(new JsonObject { ["kind"] = "AdmissionReview", ["apiVersion"] = $"{Group}/{version}", ["request"] = request });
    }

    /// <summary>Objects are null inside the request, since expressions have variables for them.</summary>
    private static JsonObject WithUnset(JsonObject request, WebhookSubject subject)
    {
        (request["object"], request["oldObject"]) = (null, null);
        request["options"] = subject.Request.Options?.DeepClone();
        return request;
    }

    /// <summary>Reads and checks an answer. A v1beta1 review is not asked for kind and UID.</summary>
    /// <exception cref="FormatException">It is not what was asked for; upstream's words.</exception>
    /// <exception cref="WebhookException">It is no AdmissionReview at all.</exception>
    public static ReviewAnswer Read(JsonObject document, string version, string uid, bool isMutating)
    {
        JsonObject review;
        try
        {
            review = ObjectReader.Read(FieldJson.Write(document), Type);
        }
        catch (ObjectDecodeException e)
        {
            throw new WebhookException(e.Message);
        }

        var response = review.Child("response") ?? throw new FormatException("webhook response was absent");
        var patch = Convert.FromBase64String(response.Text("patch"));
        var patchType = response.Has("patchType") ? response.Text("patchType") : null;
        if (version == "v1")
        {
            Check(document, response, uid, isMutating, patch.Length > 0, patchType);
        }

        return new(
            response.Flag("allowed") ?? false,
            response.Child("status") is { } status ? JsonText.Read<Status>(FieldJson.Write(status)) : null,
            isMutating ? patch : default,
            version == "v1" ? patchType ?? "" : "JSONPatch",
            response.Texts("warnings"),
            response.Child("auditAnnotations")?.Select(a => KeyValuePair.Create(a.Key, (string?)a.Value ?? "")).ToArray() ?? []);
    }

    /// <summary>The refusal that a webhook's denial becomes: its code, reason and details, at least 400.</summary>
    public static StatusException Denial(string webhook, Status? result)
    {
        var status = result ?? new Status();
        var why = status.Message.Length > 0 ? $": {status.Message}" : status.Reason.Length > 0 ? $": {status.Reason}" : " without explanation";
        return new(status with
        {
            Code = Math.Max(status.Code, 400),
            StatusValue = status.StatusValue is "" or "Success" ? "Failure" : status.StatusValue,
            Message = $"admission webhook \"{webhook}\" denied the request{why}",
        });
    }

    private static void Check(JsonObject document, JsonObject response, string uid, bool isMutating, bool hasPatch, string? patchType)
    {
        if (response.Text("uid") != uid)
        {
            throw new FormatException($"expected response.uid=\"{uid}\", got \"{response.Text("uid")}\"");
        }

        var (apiVersion, kind) = (document.Text("apiVersion"), document.Text("kind"));
        if (apiVersion != $"{Group}/v1" || kind != "AdmissionReview")
        {
            throw new FormatException($"expected webhook response of {Group}/v1, Kind=AdmissionReview, got {(apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion : "/" + apiVersion)}, Kind={kind}");
        }

        var problem = (isMutating, hasPatch, patchType) switch
        {
            (true, true, null) => "webhook returned response.patch but not response.patchType",
            (true, false, not null) => "webhook returned response.patchType but not response.patch",
            (true, _, "") => "webhook returned invalid response.patchType of \"\"",
            (false, true, _) => "validating webhook may not return response.patch",
            (false, _, not null) => "validating webhook may not return response.patchType",
            _ => null,
        };
        if (problem is not null)
        {
            throw new FormatException(problem);
        }
    }

    private static JsonObject Kind((string Group, string Version, string Kind) kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };

    private static JsonObject Resource(ServedResource version) =>
        new() { ["group"] = version.Schema.Group, ["version"] = version.Schema.Version, ["resource"] = version.Schema.Plural };

    private static void AddText(JsonObject json, string name, string value)
    {
        if (value.Length > 0)
        {
            json[name] = value;
        }
    }
}
