using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Node.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Gives pods the overhead, node selector and tolerations of their RuntimeClass, which must be there (plugin/pkg/admission/runtimeclass).</summary>
internal sealed class RuntimeClassAdmission : IMutatingAdmission, IValidatingAdmission
{
    private const string Differs = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

    public string Name => "RuntimeClass";

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (SpecOf(request) is not { } spec || await ClassAsync(request, spec, ct) is not { } found)
        {
            return;
        }

        if (found.Overhead is { } overhead)
        {
            if (spec.Child("overhead") is { } given && !Same(given, overhead))
            {
                throw request.Refusal(Differs);
            }

            spec["overhead"] = new JsonObject(overhead.PodFixed.Select(q => KeyValuePair.Create(q.Key, (JsonNode?)q.Value.ToString())));
        }

        if (found.Scheduling is { } scheduling)
        {
            Schedule(request, spec, scheduling);
        }
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (SpecOf(request) is not { } spec)
        {
            return;
        }

        var given = spec.Child("overhead");
        if ((await ClassAsync(request, spec, ct))?.Overhead is { } overhead)
        {
            if (!Same(given, overhead))
            {
                throw request.Refusal(Differs);
            }
        }
        else if (given is not null)
        {
            throw request.Refusal("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private static JsonObject? SpecOf(AdmissionRequest request) =>
        request.IsFor("", "pods") && request.Is(AdmissionOperation.Create) ? request.Object.Child("spec") : null;

    private static async ValueTask<RuntimeClass?> ClassAsync(AdmissionRequest request, JsonObject spec, CancellationToken ct)
    {
        if (!spec.Has("runtimeClassName"))
        {
            return null;
        }

        var name = spec.Text("runtimeClassName");
        return await request.Objects.FindOrGetAsync<RuntimeClass>("", name, ct)
            ?? throw request.Refusal($"pod rejected: RuntimeClass \"{name}\" not found");
    }

    private static bool Same(JsonObject? given, Overhead overhead) =>
        (given?.Count ?? 0) == overhead.PodFixed.Count && overhead.PodFixed.All(q => Quantity.TryParse(given.Text(q.Key), out var amount) && amount == q.Value);

    private static void Schedule(AdmissionRequest request, JsonObject spec, Scheduling scheduling)
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
            var json = JsonNode.Parse(JsonText.Bytes(toleration))!;
            var tolerations = spec.NeedArray("tolerations");
            if (!tolerations.Any(t => JsonNode.DeepEquals(t, json)))
            {
                tolerations.Add(json);
            }
        }
    }
}
