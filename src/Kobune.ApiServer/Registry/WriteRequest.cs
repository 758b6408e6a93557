using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Registry;

/// <summary>One write on its way: who writes what, and with which options.</summary>
internal sealed class WriteRequest(ApiCall call, ServedResource resource, WriteOptions options)
{
    public ApiCall Call { get; } = call;

    /// <summary>The resource in the version of the path.</summary>
    public ServedResource Resource { get; } = resource;

    public StoredKind Kind { get; } = resource.Storage!;

    public WriteOptions Options { get; } = options;

    /// <summary>Whether the change manages its fields itself (server-side apply).</summary>
    public bool IsApply { get; init; }

    /// <summary>Whether a client sends the object whole: kinds that forbid to overwrite what one has not read want its revision then, whatever endpoint it is sent to.</summary>
    public bool IsReplacement { get; init; }

    public UserInfo User => Call.User!;

    public string Namespace { get; init; } = resource.Descriptor.Namespaced ? call.Info.Namespace : "";

    public string Name { get; init; } = call.Info.Name;

    public string Subresource { get; init; } = call.Info.Subresource;

    /// <summary>Whether the generation stays, whatever changes: a binding is no change of what the user wants.</summary>
    public bool KeepsGeneration { get; init; }

    /// <summary>Whether webhooks are not asked: this write is a part of another request.</summary>
    public bool SkipsWebhooks { get; init; }

    public string Key => Kind.KeyOf(Namespace, Name);

    public FieldWriter Writer => new(FieldManager.NameOf(Options.FieldManager, Call.UserAgent), Resource.ApiVersion, Subresource);

    /// <summary>Writes down who owns the fields that an update or a create sets, in the version of the path.</summary>
    public void ManageFields(JsonObject? live, JsonObject obj, ServerContext server)
    {
        var told = server.Registry.ReadBack(obj, Resource);
        FieldManager.Update(live, told, Writer, ResetFields.Of(Kind, Subresource), new FieldShape(Resource.Schema.Type), server.Time);
        if (told != obj)
        {
            obj.Meta().TakeFrom("managedFields", told.Meta());
        }
    }

    /// <summary>Warns the client of what its kind finds odd in an object that is good.</summary>
    public void WarnOf(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        foreach (var warning in Subresource.Length > 0 ? [] : Kind.Strategies.SelectMany(s => s.Warnings(obj, old, features)))
        {
            Call.Warn(warning);
        }
    }

    /// <summary>Passes the warnings of admission plugins on to the client.</summary>
    public void Warn(AdmissionRequest admission)
    {
        foreach (var warning in admission.Warnings)
        {
            Call.Warn(warning);
        }
    }

    /// <summary>What admission plugins see of one try.</summary>
    public AdmissionRequest Admission(AdmissionOperation operation, JsonObject? obj, CacheEntry? old, string name, AllocationPlan plan, IObjectReader objects, JsonObject? options = null, bool isNameGenerated = false) => new()
    {
        Operation = operation,
        Resource = Kind.Descriptor,
        Info = Call.Info,
        Name = name,
        Namespace = Namespace,
        User = User,
        DryRun = Options.DryRun,
        Object = obj,
        OldObject = old,
        Objects = objects,
        Plan = plan,
        Options = options ?? ShownOptions.Of(operation, Options),
        IsNameGenerated = isNameGenerated,
        SkipsWebhooks = SkipsWebhooks,
        Warned = Call.Warn,
        Annotated = Call.Audit is { } audit ? audit.Annotate : null,
        IsAuditedWithBody = Call.Audit?.Decision.Level >= Audit.AuditLevel.Request,
    };
}
