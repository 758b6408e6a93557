using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Handlers;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>What becomes of the request's object when a webhook or policy made another of it.</summary>
internal sealed partial class WebhookSubject
{
    /// <summary>Takes over what a webhook made of the object; whether that is another.</summary>
    /// <exception cref="StatusException">500: it is no object of the kind.</exception>
    public async ValueTask<bool> TakeAsync(ServedResource version, JsonObject shown, JsonObject patched, CancellationToken ct)
    {
        CheckKind(patched, version);
        var obj = Typed(Read(patched, Foreign is { } foreign ? foreign.Type : version.Schema.Type), version);
        var hasChanged = !JsonNode.DeepEquals(shown, obj);
        if (IsScale)
        {
            await TakeReplicasAsync(version, obj, ct);
        }
        else if (Foreign is not null)
        {
            Replace(Request.Object!, obj);
        }
        else
        {
            Restore(obj.Meta(), Request.Object!.Meta());
            ResourceRegistry.Default(obj, version);
            Request.Object = await _registry.ToStorageAsync(obj, version, ct);
        }

        return hasChanged;
    }

    /// <summary>A patch may change neither into what cannot be read. A built-in kind's own name counts, whatever the patch makes of it.</summary>
    private void CheckKind(JsonObject patched, ServedResource version)
    {
        var (apiVersion, kind) = (patched.TextAt("apiVersion"), patched.TextAt("kind"));
        if (apiVersion.Count(c => c == '/') > 1)
        {
            throw StatusErrors.InternalError($"unexpected GroupVersion string: {apiVersion}");
        }

        if (Foreign is not null || !version.Schema.Type.IsCustom || kind == version.Schema.Kind)
        {
            return;
        }

        var errors = new FieldErrors();
        errors.Invalid("kind", kind, $"must be {version.Schema.Kind}");
        throw kind.Length == 0
            ? StatusErrors.InternalError($"Object 'Kind' is missing in '{patched.GoText()}'")
            : StatusErrors.Invalid(version.Schema.Group, kind, patched.Meta().TextAt("name"), errors);
    }

    private async ValueTask TakeReplicasAsync(ServedResource version, JsonObject scale, CancellationToken ct)
    {
        var obj = await _registry.FromStorageAsync((JsonObject)Request.Object!.DeepClone(), version, ct);
        ScaleEndpoint.SetReplicas(obj, version, scale.Child("spec").Number("replicas") ?? 0);
        Request.Object = await _registry.ToStorageAsync(obj, version, ct);
    }

    private void Restore(JsonObject metadata, JsonObject before)
    {
        if (Request.Operation == AdmissionOperation.Create && metadata.TextAt("resourceVersion").Length > 0)
        {
            throw StatusErrors.Of(500, "", "resourceVersion should not be set on objects to be created");
        }

        metadata.Remove("resourceVersion");
        metadata.Remove("selfLink");
        foreach (var field in SystemFields)
        {
            metadata.TakeFrom(field, before);
        }

        if (Request.IsNameGenerated && metadata.TextAt("name").Length == 0)
        {
            metadata.TakeFrom("name", before);
        }
    }

    private static JsonObject Read(JsonObject patched, SchemaType? type)
    {
        try
        {
            return type is null ? patched : ObjectReader.Read(FieldJson.Write(patched), type);
        }
        catch (ObjectDecodeException e)
        {
            throw StatusErrors.InternalError(e.Message);
        }
    }

    /// <summary>In place: whoever made the request reads what it gave.</summary>
    private static void Replace(JsonObject target, JsonObject source)
    {
        target.Clear();
        foreach (var (name, value) in source)
        {
            target[name] = value?.DeepClone();
        }
    }
}
