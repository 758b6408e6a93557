using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Handlers;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>An object and its old form in the version of a webhook.</summary>
internal sealed record ShownObjects(JsonObject? Object, JsonObject? Old);

/// <summary>
/// A request as webhooks see it: in the version of its path or of their rules, with the kind that the endpoint speaks (Scale, Binding, PodExecOptions), and, while it is
/// still changed, without what the server itself puts in later.
/// </summary>
internal sealed partial class WebhookSubject
{
    private const string Exempt = "admissionregistration.k8s.io";
    private static readonly string[] SystemFields = ["uid", "creationTimestamp"];

    private readonly ResourceRegistry _registry;
    private readonly Lock _gate = new();

    private WebhookSubject(AdmissionRequest request, ResourceRegistry registry, ServedResource requested, bool isFinished)
    {
        (Request, _registry, Requested) = (request, registry, requested);
        var subresource = requested.Schema.FindSubresource(request.Info.Subresource);
        Foreign = subresource is not null && subresource.Kind != requested.Schema.Kind ? subresource : null;
        Name = request.Info.Verb == "deletecollection" || (request.IsNameGenerated && !isFinished) ? "" : request.Name;
        Namespace = request.IsFor("", "namespaces") && request.Info.Namespace.Length == 0 ? Name : request.Info.Namespace;
        Operation = request.Operation.ToString().ToUpperInvariant();
    }

    public AdmissionRequest Request { get; }

    /// <summary>The resource in the version of the path.</summary>
    public ServedResource Requested { get; }

    /// <summary>The subresource whose kind is another than the resource's; null for all others.</summary>
    public SubresourceSchema? Foreign { get; }

    /// <summary>CREATE, UPDATE, DELETE, CONNECT.</summary>
    public string Operation { get; }

    /// <summary>Name in the request; empty in the mutating phase while the server has only a generated one, and for a collection.</summary>
    public string Name { get; }

    public string Namespace { get; }

    private bool IsScale => Foreign?.Name == "scale";

    /// <summary>Null for what no webhook may see: configurations of admission itself.</summary>
    /// <param name="request">The request.</param>
    /// <param name="registry">The resources.</param>
    /// <param name="isFinished">Whether the mutating phase is over: then a generated name is known.</param>
    public static WebhookSubject? Of(AdmissionRequest request, ResourceRegistry registry, bool isFinished)
    {
        var info = request.Info;
        return info.ApiGroup != Exempt && registry.Find(info.ApiGroup, info.ApiVersion, info.Resource) is { } requested ? new(request, registry, requested, isFinished) : null;
    }

    /// <summary>Passes a warning on to the client, whatever becomes of the request. Safe for concurrent callers.</summary>
    public void Warn(string warning)
    {
        lock (_gate)
        {
            Request.Warned?.Invoke(warning);
        }
    }

    public RuleSubject InVersion(ServedResource version) =>
        new(Operation, version.Schema.Group, version.Schema.Version, version.Schema.Plural, Request.Info.Subresource, Namespace);

    /// <summary>The other versions in which the same objects are served.</summary>
    public IEnumerable<ServedResource> Equivalents() => _registry.Equivalents(Requested);

    /// <summary>Group, version and kind of the object in a version.</summary>
    public (string Group, string Version, string Kind) KindIn(ServedResource version) => Foreign is { } kind
        ? (kind.Group, kind.Version, kind.Kind)
        : (version.Schema.Group, version.Schema.Version, version.Schema.Kind);

    /// <summary>Labels of the new object; null for one without metadata.</summary>
    public IReadOnlyDictionary<string, string>? Labels() => Request.Object switch
    {
        null => null,
        { } obj when Foreign is not null => IsScale ? new Dictionary<string, string>() : obj["metadata"] is JsonObject ? LabelsOf(obj) : null,
        { } obj => LabelsOf(obj),
    };

    /// <summary>Labels of the old object; null when there is none.</summary>
    public IReadOnlyDictionary<string, string>? OldLabels() => Request.OldObject switch
    {
        null => null,
        _ when IsScale => new Dictionary<string, string>(),
        CacheEntry entry => entry.Labels,
        { } old => LabelsOf(JsonTree.ToTree(old)),
    };

    /// <summary>Both objects in a version. The trees are the caller's.</summary>
    /// <param name="version">Of <see cref="Requested"/> or <see cref="Equivalents"/>.</param>
    /// <param name="isUnfinished">Whether what the server puts in after the mutating phase is left out.</param>
    /// <param name="ct">Cancels a conversion.</param>
    public async ValueTask<ShownObjects> ShowAsync(ServedResource version, bool isUnfinished, CancellationToken ct)
    {
        if (Foreign is not null && !IsScale)
        {
            return new(Request.Object is null ? null : Typed((JsonObject)Request.Object.DeepClone(), version), null);
        }

        var old = Request.OldObject is CacheEntry entry ? (await _registry.InVersionAsync(entry, version, ct)).ToTree() : Request.OldObject is { } other ? JsonTree.ToTree(other) : null;
        var obj = Request.Object is { } now ? await _registry.FromStorageAsync((JsonObject)now.DeepClone(), version, ct) : null;
        if (obj is not null && old is not null)
        {
            obj.Meta().TakeFrom("resourceVersion", old.Meta());
        }

        if (IsScale)
        {
            return new(obj is null ? null : ScaleEndpoint.ScaleOf(obj, version), old is null ? null : ScaleEndpoint.ScaleOf(old, version));
        }

        if (obj is not null && isUnfinished && Request.Operation == AdmissionOperation.Create)
        {
            Hide(obj.Meta());
        }

        return new(obj, old);
    }

    private void Hide(JsonObject metadata)
    {
        foreach (var field in SystemFields)
        {
            metadata.Remove(field);
        }

        if (Request.IsNameGenerated)
        {
            metadata.Remove("name");
        }
    }

    private JsonObject Typed(JsonObject obj, ServedResource version)
    {
        var (group, number, kind) = KindIn(version);
        obj["apiVersion"] = group.Length == 0 ? number : $"{group}/{number}";
        obj["kind"] = kind;
        return obj;
    }

    private static Dictionary<string, string> LabelsOf(JsonObject obj) =>
        obj.Child("metadata", "labels")?.ToDictionary(l => l.Key, l => l.Value is JsonValue value && value.TryGetValue<string>(out var text) ? text : "") ?? [];
}
