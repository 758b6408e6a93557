using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>PATCH of stored kinds: JSON patch, merge patch, strategic merge patch. Repeated when it lost a race, unless the patch names a resourceVersion.</summary>
internal sealed class PatchEndpoint(ServerContext server, ObjectUpdater updater)
{
    public async ValueTask<ApiResult> PatchAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.ParsePatch(call.Query, MediaTypes.Bare(call.ContentType));
        var patch = Parse(call, await call.ReadBodyAsync(ct), resource.Schema.Type, FormatsOf(resource.Schema.Type), options);
        var write = new WriteRequest(call, resource, options);
        var entry = await updater.UpdateAsync(write, live => Patched(call, resource, options, live(), patch), ct);
        return new ObjectResult(resource, await server.Registry.InVersionAsync(entry, resource, ct));
    }

    /// <summary>What patches of objects of a type may be, also where a subresource shows them in another shape.</summary>
    public static string[] FormatsOf(SchemaType type) => type.IsCustom ? MediaTypes.CustomPatches : MediaTypes.Patches;

    /// <summary>Reads a patch. Refuses unknown types with 415 and malformed patches with 400.</summary>
    public static PatchDocument Parse(ApiCall call, ReadOnlyMemory<byte> body, SchemaType type, string[] known, WriteOptions options)
    {
        var format = MediaTypes.Bare(call.ContentType);
        if (!known.Contains(format))
        {
            throw StatusErrors.UnsupportedMediaType(known);
        }

        var patch = new PatchDocument(body, format, type, options.FieldValidation);
        call.Audit?.Sent(body);
        return patch;
    }

    private static JsonObject Patched(ApiCall call, ServedResource resource, WriteOptions options, JsonObject live, PatchDocument patch)
    {
        var name = live.Meta().TextAt("name");
        var ns = live.Meta().TextAt("namespace");
        var version = live.Meta().TextAt("resourceVersion");
        var obj = ObjectCodec.Check(call, patch.Apply(live), resource.Schema.Type, options.FieldValidation, patch);
        PutInto(ns, obj.Meta());

        if (obj.Meta().TextAt("name") != name)
        {
            throw StatusErrors.BadRequest(obj.Meta().TextAt("name") is { Length: > 0 } other
                ? $"the name of the object ({other}) does not match the name on the URL ({name})"
                : $"the name of the object ({name} based on URL) was undeterminable: name must be provided");
        }

        if (obj.Meta().TextAt("resourceVersion") is "" or "0" && !resource.Storage!.Rules.AllowUnconditionalUpdate)
        {
            throw UpdateMetadata.MissingVersion(resource, name); // the patch took it away
        }

        if (obj.Meta().TextAt("resourceVersion") == version)
        {
            obj.Meta().Remove("resourceVersion"); // the patch did not name one
        }

        ResourceRegistry.Default(obj, resource);
        return obj;
    }

    /// <summary>What a patch says of the namespace: nothing is the one that is there, and objects of no namespace stay so.</summary>
    private static void PutInto(string ns, JsonObject metadata)
    {
        if (ns.Length == 0)
        {
            metadata.Remove("namespace");
        }
        else if (metadata.TextAt("namespace") is { Length: > 0 } other && other != ns)
        {
            throw StatusErrors.OtherNamespace();
        }
        else
        {
            metadata["namespace"] = ns;
        }
    }
}
