using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.PodSecurity;

/// <summary>
/// Keeps pods to the Pod Security Standards that the labels of their namespace ask for: enforced for pods, warned of for pods and for what has a template of them.
/// Source: k8s.io/pod-security-admission, admission; without configuration, as kube-apiserver has it by default.
/// </summary>
internal sealed class PodSecurityAdmission(int minor) : IValidatingAdmission
{
    /// <summary>At most so many pods are looked at when the level of a namespace changes.</summary>
    private const int MostPods = 3000;

    private const string AuditPrefix = "pod-security.kubernetes.io/";
    private static readonly string[] SeenSubresources = ["", "ephemeralcontainers", "resize"];

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
        var found = await request.Objects.FindOrGetAsync<Namespace>("", request.Namespace, ct);
        var policy = PodSecurityPolicy.Of(found?.Metadata.Labels ?? new Dictionary<string, string>());
        if (policy.IsPrivileged)
        {
            request.Annotated?.Invoke(AuditPrefix + "enforce-policy", policy.Enforce.ToString());
            return;
        }

        if (isPod && request.Is(AdmissionOperation.Update) && request.Info.Subresource.Length == 0 && !IsSignificant(spec, request.OldObject!.ToTree().Child("spec")))
        {
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

    private void ValidateNamespace(AdmissionRequest request)
    {
        if (request.Info.Subresource.Length > 0)
        {
            return;
        }

        var labels = LabelsOf(request.Object);
        var now = PodSecurityPolicy.Of(labels);
        if (request.Is(AdmissionOperation.Create))
        {
            Check(request, now);
            return;
        }

        var before = PodSecurityPolicy.Of(LabelsOf(request.OldObject!.ToTree()));
        if (before.Problems.Count == 0)
        {
            Check(request, now);
        }

        if (now.Enforce != before.Enforce && now.Enforce.Level != PodSecurityStandard.Privileged && (now.Enforce.Minor != before.Enforce.Minor || now.Enforce.Level > before.Enforce.Level))
        {
            WarnOfPods(request, now.Enforce);
        }
    }

    private static void Check(AdmissionRequest request, PodSecurityPolicy policy)
    {
        if (policy.Problems.Count == 0)
        {
            return;
        }

        var errors = new FieldErrors();
        foreach (var (label, value, problem) in policy.Problems)
        {
            errors.Invalid($"metadata.labels[{label}]", value, problem);
        }

        throw StatusErrors.Invalid("", "Namespace", request.ShownName(), errors);
    }

    private void WarnOfPods(AdmissionRequest request, PodSecurityLevel level)
    {
        var pods = request.Objects.List<Pod>(request.Name).Take(MostPods).ToList();
        var warnings = new List<(string Problem, List<string> Pods)>();
        foreach (var pod in pods)
        {
            var tree = JsonNode.Parse(Api.Json.JsonText.Bytes(pod)) as JsonObject;
            var problem = string.Join(", ", PodSecurityChecks.Evaluate(level.Level, level.Minor ?? minor, tree.Child("spec") ?? [], tree.Child("metadata")).Select(p => p.Reason));
            if (problem.Length == 0)
            {
                continue;
            }

            if (warnings.Find(w => w.Problem == problem) is { Pods: { } same })
            {
                same.Add(pod.Metadata.Name);
            }
            else
            {
                warnings.Add((problem, [pod.Metadata.Name]));
            }
        }

        if (warnings.Count == 0)
        {
            return;
        }

        request.Warnings.Add($"existing pods in namespace \"{request.Name}\" violate the new PodSecurity enforce level \"{level}\"");
        foreach (var (problem, names) in warnings)
        {
            var others = names.Count switch { 1 => "", 2 => " (and 1 other pod)", _ => string.Create(CultureInfo.InvariantCulture, $" (and {names.Count - 1} other pods)") };
            request.Warnings.Add($"{names[0]}{others}: {problem}");
        }
    }

    private static Dictionary<string, string> LabelsOf(JsonObject? obj) => obj.Child("metadata", "labels")?.ToDictionary(l => l.Key, l => (string?)l.Value ?? "") ?? [];
}
