using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>
/// Pods go to the nodes that an annotation of their namespace selects, or else those that the configuration selects for all, and may not ask for others; the configuration may also say which
/// labels the pods of a namespace may select. Source: plugin/pkg/admission/podnodeselector.
/// </summary>
internal sealed class PodNodeSelector(IReadOnlyDictionary<string, string>? configured = null) : IMutatingAdmission, IValidatingAdmission
{
    private const string ForAll = "clusterDefaultNodeSelector";
    private const string Annotation = "scheduler.alpha.kubernetes.io/node-selector";

    private readonly IReadOnlyDictionary<string, string> _configured = configured ?? new Dictionary<string, string>();

    public string Name => "PodNodeSelector";

    /// <summary>Selectors by namespace, and that of all others.</summary>
    public static IReadOnlyDictionary<string, string> Read(JsonObject? root) =>
        root.Child("podNodeSelectorPluginConfig")?.Where(s => s.Value is JsonValue).ToDictionary(s => s.Key, s => s.Value!.ToString(), StringComparer.Ordinal) ?? [];

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!IsNewPod(request))
        {
            return;
        }

        var labels = await CheckAsync(request, ct);
        if (labels.Count > 0)
        {
            var selector = request.Object!.Need("spec").Need("nodeSelector");
            foreach (var (key, value) in labels)
            {
                selector[key] = value;
            }
        }

        CheckAllowed(request);
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (IsNewPod(request))
        {
            await CheckAsync(request, ct);
            CheckAllowed(request);
        }
    }

    private void CheckAllowed(AdmissionRequest request)
    {
        var allowed = Parse(_configured.GetValueOrDefault(request.Namespace, ""));
        var selector = request.Object.Child("spec", "nodeSelector");
        if (allowed.Count > 0 && selector?.Any(l => !allowed.TryGetValue(l.Key, out var value) || selector.Text(l.Key) != value) == true)
        {
            throw request.Refusal("pod node label selector labels conflict with its namespace whitelist");
        }
    }

    private static bool IsNewPod(AdmissionRequest request) => request.IsFor("", "pods") && request.Is(AdmissionOperation.Create) && request.Object is not null;

    private async ValueTask<Dictionary<string, string>> CheckAsync(AdmissionRequest request, CancellationToken ct)
    {
        var space = await request.Objects.FindOrGetAsync<Namespace>("", request.Namespace, ct) ?? throw StatusErrors.NotFound("", "namespaces", request.Namespace);
        var labels = Parse(space.Metadata.Annotations.GetValueOrDefault(Annotation) ?? _configured.GetValueOrDefault(ForAll, ""));
        var selector = request.Object.Child("spec", "nodeSelector");
        return labels.Any(l => selector.Has(l.Key) && selector.Text(l.Key) != l.Value)
            ? throw request.Refusal("pod node label selector conflicts with its namespace node label selector")
            : labels;
    }

    /// <summary>"a=b,c=d".</summary>
    private static Dictionary<string, string> Parse(string text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in text.Length == 0 ? [] : text.Split(','))
        {
            if (label.Split('=') is not [var left, var right])
            {
                throw StatusErrors.Unknown($"invalid selector: {label}");
            }

            var (key, value) = (left.Trim(), right.Trim());
            if (NameValidation.QualifiedName(key) is [.., _] keyProblems)
            {
                throw StatusErrors.Unknown($"invalid label key \"{key}\": {string.Join("; ", keyProblems)}");
            }

            if (NameValidation.LabelValue(value) is [.., _] valueProblems)
            {
                throw StatusErrors.Unknown($"invalid label value: \"{value}\": {string.Join("; ", valueProblems)}");
            }

            labels[key] = value;
        }

        return labels;
    }
}
