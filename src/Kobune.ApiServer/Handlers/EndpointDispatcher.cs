using Kobune.ApiServer.Aggregation;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>Finds what answers a call: a resource's endpoint by its verb, or a fixed path.</summary>
internal sealed class EndpointDispatcher(ResourceRegistry registry, ResourceEndpoints resources, VirtualEndpoints virtuals, AggregatedEndpoint aggregated, IReadOnlyList<IPathEndpoint> paths)
{
    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct)
    {
        if (aggregated.Find(call.Path) is { } api)
        {
            return aggregated.ServeAsync(api, call, ct);
        }

        if (!call.Info.IsResourceRequest)
        {
            foreach (var path in paths)
            {
                if (path.Serves(call.Path))
                {
                    return path.ServeAsync(call, ct);
                }
            }

            throw StatusErrors.NoHandler();
        }

        var info = call.Info;
        if (virtuals.Find(info) is { } created)
        {
            return created(call, ct);
        }

        var resource = registry.Find(info.ApiGroup, info.ApiVersion, info.Resource)
            ?? throw (registry.HasBuiltIn(info.ApiGroup) ? StatusErrors.NoSuchPath() : StatusErrors.NoHandler());
        CheckScope(info, resource);
        return info.Subresource.Length > 0 ? resources.ServeSubresourceAsync(call, resource, ct) : resources.ServeAsync(call, resource, ct);
    }

    private static void CheckScope(RequestInfo info, ServedResource resource)
    {
        var isNamespaceItself = resource.Schema is { Group: "", Plural: "namespaces" };
        if (!resource.Descriptor.Namespaced && info.Namespace.Length > 0 && !isNamespaceItself)
        {
            throw resource.Schema.IsCustom ? StatusErrors.NoHandler() : StatusErrors.NoSuchPath();
        }

        // Objects of all namespaces can be listed and watched, nothing else.
        if (resource.Descriptor.Namespaced && info.Namespace.Length == 0 && info.Verb is not ("list" or "watch"))
        {
            throw resource.Schema.IsCustom ? StatusErrors.NoHandler() : info.Parts.Count > 1 ? StatusErrors.NoSuchPath() : StatusErrors.MethodNotAllowed();
        }

        if (info.Parts.Count > 3 && info.Subresource != "proxy" || (info.Parts.Count == 1 && info.Verb is "update" or "patch"))
        {
            throw info.Parts.Count == 1 ? StatusErrors.MethodNotAllowed() : StatusErrors.NoSuchPath();
        }
    }
}

/// <summary>Answers fixed paths: discovery, health, metrics, OpenAPI.</summary>
internal interface IPathEndpoint
{
    bool Serves(string path);

    ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct);
}
