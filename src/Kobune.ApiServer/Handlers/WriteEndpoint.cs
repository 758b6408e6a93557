using System.Text.Json.Nodes;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>POST and PUT of stored kinds.</summary>
internal sealed class WriteEndpoint(ServerContext server, ObjectCreator creator, ObjectUpdater updater)
{
    public async ValueTask<ApiResult> CreateAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.Parse(call.Query, "CreateOptions");
        var obj = await DecodeAsync(call, resource, options, ct);
        CheckNamespace(call.Info, resource, obj);
        var write = new WriteRequest(call, resource, options);
        var entry = await creator.CreateAsync(write, Source(obj), ct);
        return new ObjectResult(resource, server.Registry.InVersion(entry, resource), 201);
    }

    public async ValueTask<ApiResult> UpdateAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.Parse(call.Query, "UpdateOptions");
        var obj = await DecodeAsync(call, resource, options, ct);
        CheckName(call.Info, resource, obj);
        CheckNamespace(call.Info, resource, obj);
        var write = new WriteRequest(call, resource, options);
        var source = Source(obj);
        try
        {
            var entry = await updater.UpdateAsync(write, _ => source(), ct);
            return new ObjectResult(resource, server.Registry.InVersion(entry, resource));
        }
        catch (StatusException e) when (e.Reason == "NotFound" && MayCreate(write, obj))
        {
            var entry = await creator.CreateAsync(write, source, ct);
            return new ObjectResult(resource, server.Registry.InVersion(entry, resource), 201);
        }
    }

    private static bool MayCreate(WriteRequest write, JsonObject obj) =>
        write.Subresource.Length == 0 && write.Kind.Rules.AllowCreateOnUpdate && obj.Meta().TextAt("resourceVersion").Length == 0 && obj.Meta().TextAt("uid").Length == 0;

    /// <summary>The tree, copied for each use but cheap for the first: most writes succeed at once.</summary>
    private static Func<JsonObject> Source(JsonObject obj) => () => (JsonObject)obj.DeepClone();

    private async ValueTask<JsonObject> DecodeAsync(ApiCall call, ServedResource resource, WriteOptions options, CancellationToken ct)
    {
        var obj = server.Codec.Decode(call, await call.ReadBodyAsync(ct), resource.Schema.Type, options.FieldValidation);
        ResourceRegistry.Default(obj, resource);
        return obj;
    }

    private static void CheckName(RequestInfo info, ServedResource resource, JsonObject obj)
    {
        var name = obj.Meta().TextAt("name");
        if (name.Length == 0)
        {
            throw StatusErrors.BadRequest("name must be provided"); // upstream: a PUT has to name what it replaces
        }

        if (name != info.Name)
        {
            throw StatusErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({info.Name})");
        }
    }

    private static void CheckNamespace(RequestInfo info, ServedResource resource, JsonObject obj)
    {
        var ns = obj.Meta().TextAt("namespace");
        if (!resource.Descriptor.Namespaced)
        {
            if (ns.Length > 0)
            {
                throw StatusErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            }

            return;
        }

        if (ns.Length > 0 && ns != info.Namespace)
        {
            throw StatusErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
    }
}
