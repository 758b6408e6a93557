using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Fills in what a namespace's LimitRanges say containers shall ask for, and refuses pods and claims outside of their bounds (upstream's plugin LimitRanger).</summary>
internal sealed class LimitRanger : IMutatingAdmission, IValidatingAdmission
{
    private const string Annotation = "kubernetes.io/limit-ranger";

    public string Name => "LimitRanger";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.IsFor("", "pods") && request.Is(AdmissionOperation.Create) && request.Object is { } pod && !MirrorPods.IsMirror(pod))
        {
            foreach (var range in request.Objects.List<LimitRange>(request.Namespace))
            {
                FillPod(pod, range);
            }
        }

        return default;
    }

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        var isPod = (request.IsFor("", "pods") && request.Is(AdmissionOperation.Create)) || (request.IsFor("", "pods", "resize") && request.Is(AdmissionOperation.Update));
        var isClaim = request.IsFor("", "persistentvolumeclaims") && request.Operation is (AdmissionOperation.Create or AdmissionOperation.Update);
        if ((!isPod && !isClaim) || request.Object is not { } body || (isPod && MirrorPods.IsMirror(body))
            || request.OldObject?.ToTree().Child("metadata").Has("deletionTimestamp") == true) // what is going may always go
        {
            return default;
        }

        var ranges = request.Objects.List<LimitRange>(request.Namespace);
        if (ranges.Count == 0)
        {
            return default;
        }

        foreach (var range in ranges)
        {
            var problems = isPod ? LimitRangeCheck.Pod(body.Read<Pod>(), range) : LimitRangeCheck.Claim(body.Read<PersistentVolumeClaim>(), range);
            if (problems.Count > 0)
            {
                throw request.Refusal(problems is [var one] ? one : $"[{string.Join(", ", problems)}]");
            }
        }

        return default;
    }

    private static void FillPod(JsonObject pod, LimitRange range)
    {
        var spec = pod.Need("spec");
        var notes = new List<string>();
        foreach (var (kind, container) in spec.Items("containers").Select(c => ("container", c)).Concat(spec.Items("initContainers").Select(c => ("init container", c))))
        {
            foreach (var item in range.Spec.Limits.Where(l => l.Type == LimitType.Container))
            {
                Fill(container, kind, "requests", "request", item.DefaultRequest, notes);
                Fill(container, kind, "limits", "limit", item.Default, notes);
            }
        }

        if (notes.Count > 0)
        {
            pod.Need("metadata").Need("annotations")[Annotation] = "LimitRanger plugin set: " + string.Join("; ", notes);
        }
    }

    private static void Fill(JsonObject container, string kind, string key, string word, IReadOnlyDictionary<string, Quantity> defaults, List<string> notes)
    {
        var set = new List<string>();
        foreach (var (name, value) in defaults.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            var values = container.Need("resources").Need(key);
            if (!values.Has(name))
            {
                values[name] = value.ToString();
                set.Add(name);
            }
        }

        if (set.Count > 0)
        {
            notes.Add($"{string.Join(", ", set)} {word} for {kind} {container.Text("name")}");
        }
    }
}
