using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>Resources that can only be created and are never stored (reviews, tokens).</summary>
internal sealed class VirtualEndpoints(IReadOnlyList<IVirtualResource> resources, ObjectCodec codec, IObjectReader objects)
{
    public ApiHandler? Find(RequestInfo info)
    {
        foreach (var resource in resources)
        {
            var descriptor = resource.Resource;
            if (info.Resource == descriptor.Plural && info.Subresource == resource.Subresource && IsGroup(info, resource))
            {
                return (call, ct) => CreateAsync(resource, call, ct);
            }
        }

        return null;
    }

    /// <summary>A subresource's body may be of another group than its parent: its descriptor names the body, the parent is a core kind.</summary>
    private static bool IsGroup(RequestInfo info, IVirtualResource resource) => resource.Subresource.Length > 0
        ? info is { ApiGroup: "", ApiVersion: "v1" }
        : info.ApiGroup == resource.Resource.Group && info.ApiVersion == resource.Resource.Version;

    private async ValueTask<ApiResult> CreateAsync(IVirtualResource resource, ApiCall call, CancellationToken ct)
    {
        var descriptor = resource.Resource;
        if (call.Method != "POST")
        {
            throw StatusErrors.MethodNotAllowed();
        }

        var options = WriteOptions.Parse(call.Query, "CreateOptions");
        var type = codec.Schema.FindKind(descriptor.Group, descriptor.Version, descriptor.Kind) ?? throw StatusErrors.NoSuchPath();
        var body = codec.Decode(call, await call.ReadBodyAsync(ct), type, options.FieldValidation);
        Api.Schema.DisabledFields.Drop(body, type, null);
        Api.Schema.ObjectDefaults.Apply(body, type);
        var answer = await resource.CreateAsync(new VirtualCreate(call.Info, call.User!, body, objects, options.DryRun), ct);
        answer["apiVersion"] = type.ApiVersion;
        answer["kind"] = type.Name;
        return new DocumentResult(new EncodedObject(ObjectCodec.Encode(type, answer)), 201);
    }
}
