using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Node.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>
/// A pod that names a RuntimeClass gets the class's overhead, node selector and tolerations, and is refused when there is no such class
/// (plugin/pkg/admission/runtimeclass).
/// </summary>
internal sealed class RuntimeClassAdmission : IMutatingAdmission, IValidatingAdmission
{
    private const string Mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

    public string Name => "RuntimeClass";

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (Spec(request) is not { } spec || await ClassOfAsync(request, spec, ct) is not { } runtimeClass)
        {
            return;
        }

        if (runtimeClass.Overhead is { } overhead)
        {
            if (spec.Has("overhead") && !Same(spec, overhead.PodFixed))
            {
                throw request.Refusal(Mismatch);
            }

            spec["overhead"] = new JsonObject(overhead.PodFixed.Select(o => KeyValuePair.Create(o.Key, (JsonNode?)o.Value.ToString())));
        }

        if (runtimeClass.Scheduling is { } scheduling)
        {
            Aim(request, spec, scheduling);
        }
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (Spec(request) is not { } spec)
        {
            return;
        }

        if ((await ClassOfAsync(request, spec, ct))?.Overhead is { } overhead)
        {
            if (!Same(spec, overhead.PodFixed))
            {
                throw request.Refusal(Mismatch);
            }
        }
        else if (spec.Child("overhead") is { Count: > 0 })
        {
            throw request.Refusal("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private static JsonObject? Spec(AdmissionRequest request) =>
        request.IsFor("", "pods") && request.Is(AdmissionOperation.Create) ? request.Object.Child("spec") : null;

    private static async ValueTask<RuntimeClass?> ClassOfAsync(AdmissionRequest request, JsonObject spec, CancellationToken ct) => spec.Text("runtimeClassName") is not { Length: > 0 } name
        ? null
        : request.Objects.Find<RuntimeClass>("", name) ?? await request.Objects.GetAsync<RuntimeClass>("", name, ct) ?? throw request.Refusal($"pod rejected: RuntimeClass \"{name}\" not found");

    private static bool Same(JsonObject spec, IReadOnlyDictionary<string, Quantity> wanted)
    {
        var given = spec.Read<PodSpec>().Overhead;
        return given.Count == wanted.Count && given.All(g => wanted.TryGetValue(g.Key, out var value) && value == g.Value);
    }

    private static void Aim(AdmissionRequest request, JsonObject spec, Scheduling scheduling)
    {
        foreach (var (key, value) in scheduling.NodeSelector)
        {
            var selector = spec.Need("nodeSelector");
            if (selector.Has(key) && selector.Text(key) != value)
            {
                throw request.Refusal($"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {selector.Text(key)}");
            }

            selector[key] = value;
        }

        foreach (var toleration in scheduling.Tolerations)
        {
            var tolerations = spec.NeedArray("tolerations");
            if (!tolerations.Any(t => t!.Read<Toleration>() == toleration))
            {
                tolerations.Add((JsonNode)toleration.ToTree());
            }
        }
    }
}
