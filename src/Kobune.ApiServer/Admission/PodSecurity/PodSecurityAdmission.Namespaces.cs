using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.PodSecurity;

internal sealed partial class PodSecurityAdmission
{
    /// <summary>At most so many pods are looked at when the level of a namespace changes.</summary>
    private const int MostPods = 3000;

    private void ValidateNamespace(AdmissionRequest request)
    {
        if (request.Info.Subresource.Length > 0)
        {
            return;
        }

        var labels = LabelsOf(request.Object);
        var now = PodSecurityPolicy.Of(labels, _settings.Defaults);
        var isExempt = _settings.Namespaces.Contains(request.Name);
        if (request.Is(AdmissionOperation.Create))
        {
            Check(request, now);
            if (isExempt)
            {
                WarnOfExemption(request, now, labels);
            }

            return;
        }

        var before = PodSecurityPolicy.Of(LabelsOf(request.OldObject!.ToTree()), _settings.Defaults);
        if (!before.Problems.SequenceEqual(now.Problems))
        {
            Check(request, now);
        }

        if (now.Enforce != before.Enforce && now.Enforce.Level != PodSecurityStandard.Privileged && (now.Enforce.Minor != before.Enforce.Minor || now.Enforce.Level > before.Enforce.Level))
        {
            if (isExempt)
            {
                WarnOfExemption(request, now, labels);
            }
            else
            {
                WarnOfPods(request, now.Enforce);
            }
        }
    }

    private void WarnOfExemption(AdmissionRequest request, PodSecurityPolicy policy, Dictionary<string, string> labels)
    {
        var unsaid = _settings.Defaults;
        if (!policy.IsPrivileged && (policy.Enforce, policy.Audit, policy.Warn) != (unsaid.Enforce, unsaid.Audit, unsaid.Warn))
        {
            request.Warnings.Add($"namespace \"{request.Name}\" is exempt from Pod Security, and the policy ({policy.Told(labels)}) will be ignored");
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
