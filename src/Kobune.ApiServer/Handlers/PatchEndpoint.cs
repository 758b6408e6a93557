using System.Text.Json.Nodes;
using Kobune.Api.Patches;
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
        var apply = Parse(call, await call.ReadBodyAsync(ct), resource.Schema.Type, FormatsOf(resource.Schema.Type));
        var write = new WriteRequest(call, resource, options);
        var entry = await updater.UpdateAsync(write, live => Patched(call, resource, options, live(), apply), ct);
        return new ObjectResult(resource, await server.Registry.InVersionAsync(entry, resource, ct));
    }

    /// <summary>What patches of objects of a type may be, also where a subresource shows them in another shape.</summary>
    public static string[] FormatsOf(SchemaType type) => type.IsCustom ? MediaTypes.CustomPatches : MediaTypes.Patches;

    /// <summary>Reads a patch: what it makes of a tree. Refuses unknown types with 415 and malformed patches with 400.</summary>
    public static Func<JsonObject, JsonObject> Parse(ApiCall call, ReadOnlyMemory<byte> body, SchemaType type, string[] known)
    {
        var format = MediaTypes.Bare(call.ContentType);
        if (!known.Contains(format))
        {
            throw StatusErrors.UnsupportedMediaType(known);
        }

        var patch = ParseJson(body);
        call.Audit?.Sent(body);
        switch (format)
        {
            case MediaTypes.JsonPatch:
                var operations = patch as JsonArray ?? throw StatusErrors.BadRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
                if (operations.Count > JsonPatch.MaxOperations)
                {
                    throw StatusErrors.RequestEntityTooLarge($"The allowed maximum operations in a JSON patch is {JsonPatch.MaxOperations}, got {operations.Count}");
                }

                return live => JsonPatch.Apply(live, operations);
            case MediaTypes.MergePatch:
                var merge = patch as JsonObject ?? throw StatusErrors.BadRequest("json: cannot unmarshal array into Go value of type map[string]interface {}");
                return live =>
                {
                    MergePatch.Apply(live, merge);
                    return live;
                };
            default:
                var strategic = patch as JsonObject ?? throw StatusErrors.BadRequest("json: cannot unmarshal array into Go value of type map[string]interface {}");
                var shape = SchemaPatchShape.Of(type);
                return live => StrategicMergePatch.Apply(live, strategic, shape);
        }
    }

    /// <summary>Applies a patch and turns its failures into upstream's answers: 400 for a malformed one, 422 for one that does not fit the object.</summary>
    public static JsonObject Run(Func<JsonObject, JsonObject> apply, JsonObject live, ServedResource resource, string name)
    {
        try
        {
            return apply(live);
        }
        catch (PatchException e)
        {
            throw e.Fault switch
            {
                PatchFault.Malformed => StatusErrors.BadRequest(e.Message),
                PatchFault.Unforeseen => StatusErrors.Unknown(e.Message),
                _ => StatusErrors.Of(422, "Invalid", "the server rejected our request due to an error in our request"), // upstream keeps the cause to itself
            };
        }
    }

    private static JsonObject Patched(ApiCall call, ServedResource resource, WriteOptions options, JsonObject live, Func<JsonObject, JsonObject> apply)
    {
        var name = live.Meta().TextAt("name");
        var ns = live.Meta().TextAt("namespace");
        var version = live.Meta().TextAt("resourceVersion");
        var patched = Run(apply, live, resource, name);
        var obj = ObjectCodec.Check(call, patched, resource.Schema.Type, options.FieldValidation);
        if (obj.Meta().TextAt("name") != name)
        {
            throw StatusErrors.BadRequest($"the name of the object ({obj.Meta().TextAt("name")}) does not match the name on the URL ({name})");
        }

        if (obj.Meta().TextAt("namespace") != ns)
        {
            throw StatusErrors.BadRequest($"the namespace of the object ({obj.Meta().TextAt("namespace")}) does not match the namespace on the URL ({ns})");
        }

        if (obj.Meta().TextAt("resourceVersion") is "" or "0" && !resource.Storage!.Rules.AllowUnconditionalUpdate)
        {
            throw ObjectUpdater.MissingVersion(resource, name); // the patch took it away
        }

        if (obj.Meta().TextAt("resourceVersion") == version)
        {
            obj.Meta().Remove("resourceVersion"); // the patch did not name one
        }

        ResourceRegistry.Default(obj, resource);
        return obj;
    }

    private static JsonNode? ParseJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            return ObjectReader.ReadAny(ObjectReader.Parse(body.Span)) ?? throw StatusErrors.BadRequest("error decoding patch: null");
        }
        catch (ObjectDecodeException e)
        {
            throw StatusErrors.BadRequest($"error decoding patch: {e.Message}");
        }
    }
}
