using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Tables;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Handlers;

/// <summary>The scale subresource: replicas of the object under one shape. Source: k8s.io/kubernetes, registry/apps/*/storage, ScaleREST.</summary>
internal sealed class ScaleEndpoint(ServerContext server, ReadEndpoint read, ObjectUpdater updater, ApplyEndpoint applier)
{
    private static readonly ScalePaths BuiltInPaths = new("spec.replicas", "status.replicas", "");

    /// <summary>The columns of a custom object's scale. Source: k8s.io/apiextensions-apiserver, apiserver/helpers.</summary>
    private static readonly ColumnSchema[] CustomColumns =
    [
        new("Name", "string", "name", false, ".metadata.name"),
        new("Desired", "integer", "", false, ".spec.replicas") { Description = "Number of desired replicas" },
        new("Available", "integer", "", false, ".status.replicas") { Description = "Number of actual replicas" },
        new("Age", "date", "", false, ".metadata.creationTimestamp"),
    ];

    private static readonly RowCells Cells = CustomCells.Of(CustomColumns);

    private readonly SchemaType _scale = server.Codec.Schema.FindKind("autoscaling", "v1", "Scale")!;

    public async ValueTask<ApiResult> GetAsync(ApiCall call, ServedResource resource, CancellationToken ct) =>
        Result(Complete((await read.FindAsync(call, resource, ct)).ToTree(), resource), resource);

    public async ValueTask<ApiResult> UpdateAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.Parse(call.Query, "UpdateOptions");
        var scale = server.Codec.Decode(call, await call.ReadBodyAsync(ct), _scale, options.FieldValidation);
        WriteEndpoint.CheckPlace(call.Info, resource, scale);
        return await WriteAsync(new WriteRequest(call, resource, options), isReplacement: true, _ => scale, ct);
    }

    public async ValueTask<ApiResult> PatchAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        if (ApplyEndpoint.IsApply(call))
        {
            return await ApplyAsync(call, resource, ct);
        }

        var options = WriteOptions.ParsePatch(call.Query, MediaTypes.Bare(call.ContentType));
        var patch = PatchEndpoint.Parse(call, await call.ReadBodyAsync(ct), _scale, PatchEndpoint.FormatsOf(resource.Schema.Type), options);
        return await WriteAsync(new WriteRequest(call, resource, options), isReplacement: false, live =>
        {
            var before = ScaleOf(live, resource);
            var version = before.Meta().TextAt("resourceVersion");
            var patched = ObjectCodec.Check(call, patch.Apply(before), _scale, options.FieldValidation, patch);
            if (patched.Meta().TextAt("resourceVersion") == version)
            {
                patched.Meta().Remove("resourceVersion");
            }

            return patched;
        }, ct);
    }

    /// <summary>Applies the replicas; the manager owns spec.replicas of the object itself.</summary>
    private async ValueTask<ApiResult> ApplyAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.ParsePatch(call.Query, MediaTypes.ApplyPatch);
        var scale = ApplyEndpoint.ReadConfig(call, await call.ReadBodyAsync(ct), options, _scale);
        Fields.AppliedFields.Of(scale, new(_scale));
        var config = new JsonObject { ["apiVersion"] = resource.ApiVersion, ["kind"] = resource.Schema.Kind, ["metadata"] = scale.Meta().DeepClone() };
        if ((scale["spec"] as JsonObject)?["replicas"] is { } replicas)
        {
            Set(config, PathsOf(resource).Replicas, replicas.DeepClone());
        }

        var entry = await applier.ApplyPartAsync(new WriteRequest(call, resource, options) { IsApply = true }, config, ct);
        return Result((await server.Registry.InVersionAsync(entry, resource, ct)).ToTree(), resource);
    }

    private async ValueTask<ApiResult> WriteAsync(WriteRequest write, bool isReplacement, Func<JsonObject, JsonObject> change, CancellationToken ct)
    {
        var resource = write.Resource;
        var entry = await updater.UpdateAsync(write, source =>
        {
            var live = source();
            var scale = change(live);
            var replicas = (scale["spec"] as JsonObject).NumberAt("replicas") ?? 0;
            if (replicas < 0 && !resource.Schema.IsCustom) // custom objects have a rule of their own
            {
                var errors = new FieldErrors();
                errors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
                throw StatusErrors.Invalid("autoscaling", "Scale", write.Name, errors);
            }

            var (uid, known) = (scale.Meta().TextAt("uid"), live.Meta().TextAt("uid"));
            if (uid.Length > 0 && uid != known)
            {
                throw isReplacement ? UpdateMetadata.OtherUid(write, uid, known)
                    : StatusErrors.OtherUid(resource.Schema.Group, resource.Schema.IsCustom ? resource.Schema.Kind : resource.Schema.Plural + "/scale", write.Name, uid, known);
            }

            live.Meta().TakeFrom("resourceVersion", scale.Meta());
            Set(live, PathsOf(resource).Replicas, replicas);
            return live;
        }, ct);
        return Result((await server.Registry.InVersionAsync(entry, resource, ct)).ToTree(), resource);
    }

    /// <summary>A custom object without replicas cannot be shown: nobody knows how many it has.</summary>
    private static JsonObject Complete(JsonObject obj, ServedResource resource) =>
        resource.Schema.IsCustom && At(obj, PathsOf(resource).Replicas) is null
            ? throw StatusErrors.InternalError($"the spec replicas field \".{PathsOf(resource).Replicas}\" does not exist")
            : obj;

    private DocumentResult Result(JsonObject obj, ServedResource resource) => new(new EncodedObject(ObjectCodec.Encode(_scale, ScaleOf(obj, resource))))
    {
        Table = new(resource.Schema.IsCustom ? CustomColumns : server.Codec.Schema.Tables["Scale"], Cells),
    };

    /// <summary>The Scale of an object in the version of <paramref name="resource"/>.</summary>
    public static JsonObject ScaleOf(JsonObject obj, ServedResource resource)
    {
        var metadata = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata.TakeFrom(name, obj.Meta());
        }

        var paths = PathsOf(resource);
        return new JsonObject
        {
            ["apiVersion"] = "autoscaling/v1",
            ["kind"] = "Scale",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = At(obj, paths.Replicas)?.DeepClone() ?? 0 },
            ["status"] = new JsonObject
            {
                ["replicas"] = At(obj, paths.StatusReplicas)?.DeepClone() ?? 0,
                ["selector"] = resource.Schema.Scale is null ? SelectorText(obj["spec"]?["selector"] as JsonObject) : At(obj, paths.Selector)?.ToString() ?? "",
            },
        };
    }

    /// <summary>Puts the replicas of a Scale into its object.</summary>
    public static void SetReplicas(JsonObject obj, ServedResource resource, long replicas) => Set(obj, PathsOf(resource).Replicas, replicas);

    private static ScalePaths PathsOf(ServedResource resource) => resource.Schema.Scale ?? BuiltInPaths;

    private static JsonNode? At(JsonObject obj, string path)
    {
        JsonNode? node = path.Length == 0 ? null : obj;
        foreach (var name in path.Split('.'))
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    private static void Set(JsonObject obj, string path, JsonNode value)
    {
        var names = path.Split('.');
        foreach (var name in names[..^1])
        {
            if (obj[name] is not JsonObject child)
            {
                obj[name] = child = [];
            }

            obj = child;
        }

        obj[names[^1]] = value;
    }

    private static string SelectorText(JsonObject? selector)
    {
        if (selector is null)
        {
            return "";
        }

        if (selector.ContainsKey("matchLabels") || selector.ContainsKey("matchExpressions"))
        {
            return Selector.From(JsonText.Read<LabelSelector>(Fields.FieldJson.Write(selector))).ToString();
        }

        return string.Join(',', selector.Select(p => $"{p.Key}={selector.TextAt(p.Key)}").Order(StringComparer.Ordinal));
    }
}
