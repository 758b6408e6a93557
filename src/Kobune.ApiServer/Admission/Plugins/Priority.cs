using System.Text.Json.Nodes;
using Kobune.Api.Scheduling.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Gives pods the number and preemption policy of their PriorityClass, and keeps the default class alone.</summary>
internal sealed class Priority : IMutatingAdmission, IValidatingAdmission
{
    private const string PreemptLowerPriority = "PreemptLowerPriority";

    public string Name => "Priority";

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("", "pods") || request.Object?.Child("spec") is not { } spec)
        {
            return;
        }

        if (request.Is(AdmissionOperation.Create))
        {
            await AdmitAsync(request, spec, ct);
        }
        else if (request.Is(AdmissionOperation.Update) && request.OldObject?.ToTree().Child("spec") is { } old)
        {
            KeepOld(spec, old);
        }
    }

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("scheduling.k8s.io", "priorityclasses") || request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update)
            || request.Object?.Flag("globalDefault") != true)
        {
            return default;
        }

        var name = request.Object.Child("metadata").Text("name");
        var other = request.Objects.List<PriorityClass>("").FirstOrDefault(c => c.GlobalDefault && c.Metadata.Name != name);
        return other is null ? default : throw request.Refusal($"PriorityClass {other.Metadata.Name} is already marked as default. Only one default can exist");
    }

    // A client that does not know the fields sends the pod back without them.
    private static void KeepOld(JsonObject spec, JsonObject old)
    {
        if (spec.Text("priorityClassName") != old.Text("priorityClassName"))
        {
            return;
        }

        if (!spec.Has("priority"))
        {
            spec.CopyFrom("priority", old);
        }

        if (!spec.Has("preemptionPolicy"))
        {
            spec.CopyFrom("preemptionPolicy", old);
        }
    }

    private static async ValueTask AdmitAsync(AdmissionRequest request, JsonObject spec, CancellationToken ct)
    {
        var name = spec.Text("priorityClassName");
        PriorityClass? priorityClass;
        if (name.Length > 0)
        {
            priorityClass = await request.Objects.FindOrGetAsync<PriorityClass>("", name, ct)
                ?? throw request.Refusal($"no PriorityClass with name {name} was found");
        }
        else
        {
            priorityClass = request.Objects.List<PriorityClass>("").Where(c => c.GlobalDefault).MinBy(c => c.Value);
            if (priorityClass is not null)
            {
                spec["priorityClassName"] = priorityClass.Metadata.Name;
            }
        }

        var value = priorityClass?.Value ?? 0;
        var policy = priorityClass?.PreemptionPolicy ?? PreemptLowerPriority;
        if (spec.Number("priority") is { } given && given != value)
        {
            throw request.Refusal($"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name");
        }

        if (spec.Text("preemptionPolicy") is { Length: > 0 } givenPolicy && givenPolicy != policy)
        {
            throw request.Refusal($"the string value of PreemptionPolicy ({givenPolicy}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name");
        }

        spec["priority"] = value;
        spec["preemptionPolicy"] = policy;
    }
}
