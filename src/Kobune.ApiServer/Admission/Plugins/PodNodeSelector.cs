using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Pods go to the nodes that an annotation of their namespace selects, and may not ask for others. Source: plugin/pkg/admission/podnodeselector.</summary>
internal sealed class PodNodeSelector : IMutatingAdmission, IValidatingAdmission
{
    private const string Annotation = "scheduler.alpha.kubernetes.io/node-selector";

    public string Name => "PodNodeSelector";

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
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (IsNewPod(request))
        {
            await CheckAsync(request, ct);
        }
    }

    private static bool IsNewPod(AdmissionRequest request) => request.IsFor("", "pods") && request.Is(AdmissionOperation.Create) && request.Object is not null;

    private static async ValueTask<Dictionary<string, string>> CheckAsync(AdmissionRequest request, CancellationToken ct)
    {
        var space = await request.Objects.FindOrGetAsync<Namespace>("", request.Namespace, ct) ?? throw StatusErrors.NotFound("", "namespaces", request.Namespace);
        var labels = Parse(space.Metadata.Annotations.GetValueOrDefault(Annotation, ""));
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
