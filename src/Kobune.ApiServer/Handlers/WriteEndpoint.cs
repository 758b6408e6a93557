using System.Text.Json.Nodes;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>POST and PUT of stored kinds.</summary>
internal sealed class WriteEndpoint(ServerContext server, ObjectCreator creator, ObjectUpdater updater, CreatePermission permission)
{
    public async ValueTask<ApiResult> CreateAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.Parse(call.Query, "CreateOptions");
        var body = await call.ReadBodyAsync(ct);
        var obj = Decode(call, body, resource, options);
        CheckNamespace(call.Info, resource, obj);
        var write = new WriteRequest(call, resource, options);
        var entry = await creator.CreateAsync(write, Source(obj, () => Decode(call, body, resource, options)), ct);
        return new ObjectResult(resource, await server.Registry.InVersionAsync(entry, resource, ct), 201);
    }

    public async ValueTask<ApiResult> UpdateAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.Parse(call.Query, "UpdateOptions");
        var body = await call.ReadBodyAsync(ct);
        var obj = Decode(call, body, resource, options);
        CheckPlace(call.Info, resource, obj);
        var write = new WriteRequest(call, resource, options) { IsReplacement = true };
        var mayCreate = MayCreate(write, obj);
        var source = Source(obj, () => Decode(call, body, resource, options));
        try
        {
            var entry = await updater.UpdateAsync(write, _ => source(), ct);
            return new ObjectResult(resource, await server.Registry.InVersionAsync(entry, resource, ct));
        }
        catch (StatusException e) when (e.Reason == "NotFound" && mayCreate)
        {
            await permission.RequireAsync(call, ct);
            var entry = await creator.CreateAsync(write, source, ct);
            return new ObjectResult(resource, await server.Registry.InVersionAsync(entry, resource, ct), 201);
        }
    }

    private static bool MayCreate(WriteRequest write, JsonObject obj) =>
        write.Subresource.Length == 0 && write.Kind.Rules.AllowCreateOnUpdate && obj.Meta().TextAt("resourceVersion").Length == 0 && obj.Meta().TextAt("uid").Length == 0;

    /// <summary>A tree for each try: the first is at hand, and most writes succeed at once; further ones are decoded again.</summary>
    private static Func<JsonObject> Source(JsonObject obj, Func<JsonObject> decode)
    {
        JsonObject? first = obj;
        return () => Interlocked.Exchange(ref first, null) ?? decode();
    }

    private JsonObject Decode(ApiCall call, ReadOnlyMemory<byte> body, ServedResource resource, WriteOptions options)
    {
        var obj = server.Codec.Decode(call, body, resource.Schema.Type, options.FieldValidation);
        ResourceRegistry.Default(obj, resource);
        return obj;
    }

    /// <summary>Whether a body that replaces an object names the one of the path.</summary>
    public static void CheckPlace(RequestInfo info, ServedResource resource, JsonObject obj)
    {
        CheckNamespace(info, resource, obj);
        var name = obj.Meta().TextAt("name");
        if (name.Length == 0)
        {
            throw StatusErrors.BadRequest($"the name of the object ({info.Name} based on URL) was undeterminable: name must be provided"); // a PUT has to name what it replaces
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
                throw StatusErrors.OtherNamespace();
            }

            return;
        }

        if (ns.Length > 0 && ns != info.Namespace)
        {
            throw StatusErrors.OtherNamespace();
        }
    }
}
