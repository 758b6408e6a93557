using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>PATCH with application/apply-patch+yaml: server-side apply of stored kinds and their subresources. Makes the object when there is none.</summary>
internal sealed class ApplyEndpoint(ServerContext server, ObjectCreator creator, ObjectUpdater updater, CreatePermission permission)
{
    private const int MaxTries = 5;

    public static bool IsApply(ApiCall call) => MediaTypes.Bare(call.ContentType) == MediaTypes.ApplyPatch;

    public async ValueTask<ApiResult> ApplyAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.ParsePatch(call.Query, MediaTypes.ApplyPatch);
        var config = ReadConfig(call, await call.ReadBodyAsync(ct), options, resource.Schema.Type);
        CheckName(call.Info, resource, config);
        var write = new WriteRequest(call, resource, options) { IsApply = true };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var entry = await updater.UpdateAsync(write, live => Applied(write, live(), config), ct);
                return new ObjectResult(resource, await server.Registry.InVersionAsync(entry, resource, ct));
            }
            catch (StatusException e) when (e.Reason == "NotFound" && write.Subresource.Length == 0)
            {
                // There is none yet: the apply makes it, unless it means a particular one.
                CheckUid(config, resource, call.Info.Name);
            }

            try
            {
                await permission.RequireAsync(call, ct);
                var entry = await creator.CreateAsync(write, () => Applied(write, Empty(write, config), config), ct);
                return new ObjectResult(resource, await server.Registry.InVersionAsync(entry, resource, ct), 201);
            }
            catch (StatusException e) when (e.Reason == "AlreadyExists" && attempt < MaxTries)
            {
                // somebody else made it meanwhile: apply to that
            }
        }
    }

    /// <summary>An apply of one field at a subresource that shows the object in another shape (scale).</summary>
    public ValueTask<Watch.CacheEntry> ApplyPartAsync(WriteRequest write, JsonObject config, CancellationToken ct) =>
        updater.UpdateAsync(write, live => Applied(write, live(), config), ct);

    /// <summary>Reads the body and checks its type.</summary>
    public static JsonObject ReadConfig(ApiCall call, ReadOnlyMemory<byte> body, WriteOptions options, SchemaType type)
    {
        var config = Parse(call, body, options);
        if (config.TextAt("apiVersion") != type.ApiVersion || config.TextAt("kind") != type.Name)
        {
            var (group, version) = ApiSchema.SplitApiVersion(config.TextAt("apiVersion"));
            throw StatusErrors.BadRequest($"invalid object type: {group}/{version}, Kind={config.TextAt("kind")}");
        }

        if (call.Audit is { WantsBody: true } audit)
        {
            audit.Sent(FieldJson.Write(config));
        }

        return config.Meta()["managedFields"] is null ? config : throw StatusErrors.BadRequest("metadata.managedFields must be nil");
    }

    private static JsonObject Parse(ApiCall call, ReadOnlyMemory<byte> body, WriteOptions options)
    {
        var strict = options.FieldValidation == FieldValidation.Ignore ? null : new StrictErrors();
        JsonObject config;
        try
        {
            config = ObjectReader.ReadAny(ObjectReader.Parse(YamlToJson.Convert(body, strict))) as JsonObject
                ?? throw new ObjectDecodeException("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal into Go value of type map[string]interface {}");
        }
        catch (ObjectDecodeException e)
        {
            throw StatusErrors.BadRequest($"error decoding YAML: {e.Message}");
        }

        if (strict?.Items.Count > 0)
        {
            var lines = strict.Items.Select(i => i.Replace("yaml: ", "  ", StringComparison.Ordinal));
            var problem = $"error converting YAML to JSON: yaml: unmarshal errors:\n{string.Join('\n', lines)}";
            if (options.FieldValidation == FieldValidation.Strict)
            {
                throw StatusErrors.BadRequest($"error strict decoding YAML: {problem}");
            }

            call.Warn(problem.ReplaceLineEndings(" "));
        }

        return config;
    }

    private static void CheckName(RequestInfo info, ServedResource resource, JsonObject config)
    {
        if (config.Meta().TextAt("name") is { Length: > 0 } name && name != info.Name)
        {
            throw StatusErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({info.Name})");
        }

        var ns = config.Meta().TextAt("namespace");
        if (ns.Length > 0 && ns != (resource.Descriptor.Namespaced ? info.Namespace : ""))
        {
            throw StatusErrors.OtherNamespace();
        }
    }

    private static void CheckUid(JsonObject config, ServedResource resource, string name)
    {
        if (config.Meta().TextAt("uid") is { Length: > 0 } uid)
        {
            throw StatusErrors.Conflict(resource.Schema.Group, resource.Schema.Plural, name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }
    }

    /// <summary>What the first apply is applied to. A configuration without a name changes what there is, but makes nothing: then the name is missed.</summary>
    private static JsonObject Empty(WriteRequest write, JsonObject config)
    {
        var metadata = new JsonObject { ["name"] = config.Meta().TextAt("name").Length > 0 ? write.Name : "" };
        if (write.Namespace.Length > 0)
        {
            metadata["namespace"] = write.Namespace;
        }

        return new JsonObject { ["kind"] = write.Resource.Schema.Kind, ["apiVersion"] = write.Resource.ApiVersion, ["metadata"] = metadata };
    }

    private JsonObject Applied(WriteRequest write, JsonObject live, JsonObject config)
    {
        var type = write.Resource.Schema.Type;
        var request = new ApplyRequest(write.Writer, write.Options.Force, ResetFields.Of(write.Kind, write.Subresource), new FieldShape(type), ObjectTree.Rfc3339(server.Time.GetUtcNow()));
        var applied = FieldApplier.Apply(live, config, request);
        if (config.Meta().TextAt("resourceVersion").Length == 0)
        {
            applied.Meta().Remove("resourceVersion");
        }

        var obj = ObjectCodec.Check(write.Call, applied, type, FieldValidation.Ignore, keepsNulls: true); // the schema has judged the configuration
        ResourceRegistry.Default(obj, write.Resource);
        return obj;
    }
}
