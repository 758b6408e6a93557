using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.PodSecurity;

/// <summary>
/// Keeps pods to the Pod Security Standards that the labels of their namespace ask for: enforced for pods, warned of for pods and for what has a template of them.
/// Source: k8s.io/pod-security-admission, admission.
/// </summary>
internal sealed partial class PodSecurityAdmission(int minor, PodSecuritySettings? given = null) : IValidatingAdmission
{
    private const string AuditPrefix = "pod-security.kubernetes.io/";
    private static readonly string[] SeenSubresources = ["", "ephemeralcontainers", "resize"];

    private readonly PodSecuritySettings _settings = given ?? new();

    public string Name => "PodSecurity";

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.Object is null || request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update))
        {
            return default;
        }

        if (request.IsFor("", "namespaces"))
        {
            ValidateNamespace(request);
            return default;
        }

        var isPod = request.Resource is { Group: "", Plural: "pods" };
        if (isPod ? !SeenSubresources.Contains(request.Info.Subresource) : request.Info.Subresource.Length > 0)
        {
            return default;
        }

        var spec = isPod ? request.Object.Child("spec") : TemplateSpec(request);
        return spec is null || request.Namespace.Length == 0 ? default : ValidatePodsAsync(request, isPod, spec, ct);
    }

    private static JsonObject? TemplateSpec(AdmissionRequest request) => (request.Resource.Group, request.Resource.Plural) switch
    {
        ("", "podtemplates") => request.Object.Child("template", "spec"),
        ("", "replicationcontrollers") or ("apps", "replicasets" or "deployments" or "statefulsets" or "daemonsets") or ("batch", "jobs") => request.Object.Child("spec", "template").Child("spec"),
        ("batch", "cronjobs") => request.Object.Child("spec", "jobTemplate").Child("spec", "template").Child("spec"),
        _ => null,
    };

    private async ValueTask ValidatePodsAsync(AdmissionRequest request, bool isPod, JsonObject spec, CancellationToken ct)
    {
        if ((_settings.Namespaces.Contains(request.Namespace) ? "namespace" : _settings.Usernames.Contains(request.User.Name) ? "user" : null) is { } exempt)
        {
            request.Annotated?.Invoke(AuditPrefix + "exempt", exempt);
            return;
        }

        var found = await request.Objects.FindOrGetAsync<Namespace>("", request.Namespace, ct);
        var policy = PodSecurityPolicy.Of(found?.Metadata.Labels ?? new Dictionary<string, string>(), _settings.Defaults);
        if (policy.IsPrivileged)
        {
            if (isPod)
            {
                request.Annotated?.Invoke(AuditPrefix + "enforce-policy", policy.Enforce.ToString());
            }

            return;
        }

        if (isPod && request.Is(AdmissionOperation.Update) && request.Info.Subresource.Length == 0 && !IsSignificant(spec, request.OldObject!.ToTree().Child("spec")))
        {
            return;
        }

        if (spec.Text("runtimeClassName") is { Length: > 0 } runtime && _settings.RuntimeClasses.Contains(runtime))
        {
            request.Annotated?.Invoke(AuditPrefix + "exempt", "runtimeClass");
            return;
        }

        var metadata = isPod ? request.Object.Child("metadata") : null;
        if (isPod)
        {
            request.Annotated?.Invoke(AuditPrefix + "enforce-policy", policy.Enforce.ToString());
        }

        if (request.Annotated is { } annotated && Problem(policy.Audit, spec, metadata) is { } violation)
        {
            annotated(AuditPrefix + "audit-violations", $"would violate PodSecurity \"{policy.Audit}\": {violation}");
        }

        if (isPod && Problem(policy.Enforce, spec, metadata) is { } problem)
        {
            throw request.Refusal($"violates PodSecurity \"{policy.Enforce}\": {problem}");
        }

        if (!(isPod && policy.Warn == policy.Enforce) && Problem(policy.Warn, spec, metadata) is { } warning)
        {
            request.Warnings.Add($"would violate PodSecurity \"{policy.Warn}\": {warning}");
        }
    }

    private string? Problem(PodSecurityLevel level, JsonObject spec, JsonObject? metadata)
    {
        var problems = PodSecurityChecks.Evaluate(level.Level, level.Minor ?? minor, spec, metadata);
        return problems.Count == 0 ? null : string.Join(", ", problems);
    }

    /// <summary>New images, deadlines and tolerations change nothing that the standards speak of.</summary>
    private static bool IsSignificant(JsonObject spec, JsonObject? old) => old is null || !JsonNode.DeepEquals(Essence(spec), Essence(old));

    private static JsonObject Essence(JsonObject spec)
    {
        var essence = (JsonObject)spec.DeepClone();
        essence.Remove("activeDeadlineSeconds");
        essence.Remove("tolerations");
        foreach (var container in essence.Items("containers").Concat(essence.Items("initContainers")).Concat(essence.Items("ephemeralContainers")))
        {
            container.Remove("image");
        }

        return essence;
    }
}
