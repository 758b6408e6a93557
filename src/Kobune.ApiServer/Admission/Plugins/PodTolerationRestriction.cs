using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Annotations of a namespace, or else the configuration, give pods tolerations, and say which they may have. Source: plugin/pkg/admission/podtolerationrestriction.</summary>
internal sealed class PodTolerationRestriction(PodTolerationSettings? given = null) : IMutatingAdmission, IValidatingAdmission
{
    private const string Defaults = "scheduler.alpha.kubernetes.io/defaultTolerations";
    private const string Allowed = "scheduler.alpha.kubernetes.io/tolerationsWhitelist";

    private static readonly Toleration MemoryPressure = new() { Key = "node.kubernetes.io/memory-pressure", Operator = "Exists", Effect = "NoSchedule" };

    private readonly PodTolerationSettings _settings = given ?? PodTolerationSettings.None;

    public string Name => "PodTolerationRestriction";

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!IsPod(request))
        {
            return;
        }

        IReadOnlyList<Toleration> extra =
        [
            .. request.Is(AdmissionOperation.Create) ? await AnnotatedAsync(request, Defaults, _settings.Defaults, ct) : [],
            .. PodQos.Of(request.Object!.Read<Pod>().Spec) != "BestEffort" ? [MemoryPressure] : Array.Empty<Toleration>(),
        ];
        if (extra.Count > 0)
        {
            request.Object!.Need("spec")["tolerations"] = new JsonArray([.. TolerationSets.Merge(Of(request), extra).Select(t => t.ToTree())]);
        }

        await ValidateAsync(request, ct);
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (IsPod(request) && Of(request) is { Count: > 0 } tolerations && !TolerationSets.AreWithin(tolerations, await AnnotatedAsync(request, Allowed, _settings.Allowed, ct)))
        {
            throw StatusErrors.Unknown("pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist");
        }
    }

    private static bool IsPod(AdmissionRequest request) =>
        request.IsFor("", "pods") && request.Operation is (AdmissionOperation.Create or AdmissionOperation.Update) && request.Object is not null;

    private static IReadOnlyList<Toleration> Of(AdmissionRequest request) => [.. request.Object.Child("spec").Items("tolerations").Select(t => t.Read<Toleration>())];

    private static async ValueTask<IReadOnlyList<Toleration>> AnnotatedAsync(AdmissionRequest request, string key, IReadOnlyList<Toleration> otherwise, CancellationToken ct)
    {
        var space = await request.Objects.FindOrGetAsync<Namespace>("", request.Namespace, ct) ?? throw StatusErrors.NotFound("", "namespaces", request.Namespace);
        if (!space.Metadata.Annotations.TryGetValue(key, out var text))
        {
            return otherwise;
        }

        if (text.Length == 0)
        {
            return [];
        }

        try
        {
            return JsonNode.Parse(text) is JsonArray items ? [.. items.OfType<JsonObject>().Select(i => i.Read<Toleration>())] : [];
        }
        catch (JsonException e)
        {
            throw StatusErrors.Unknown(e.Message);
        }
    }
}
