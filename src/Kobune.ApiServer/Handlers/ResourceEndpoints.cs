using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>The verbs of a resource and of its subresources.</summary>
internal sealed class ResourceEndpoints(ReadEndpoint read, WriteEndpoint write, PatchEndpoint patch, ApplyEndpoint apply, DeleteEndpoint delete, ScaleEndpoint scale, PodActions pods, ComponentStatuses components, IReadOnlyList<IConnectEndpoint> connects, ApiMetrics metrics)
{
    public ValueTask<ApiResult> ServeAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var verb = call.Info.Verb;
        if (verb.Length == 0)
        {
            throw StatusErrors.MethodNotAllowed(); // a method that is no verb, as OPTIONS
        }

        Warn(call, resource);
        if (!resource.Verbs.Contains(verb))
        {
            throw StatusErrors.MethodNotSupported(resource.Schema.Group, resource.Schema.Plural, verb);
        }

        if (resource.IsTerminating && verb == "create")
        {
            var error = StatusErrors.MethodNotSupported(resource.Schema.Group, resource.Schema.Plural, verb);
            throw new StatusException(error.Status with { Message = $"{verb} not allowed while custom resource definition is terminating" });
        }

        if (PodActions.ServesBindings(resource))
        {
            return pods.BindAsync(call, resource, ct);
        }

        if (resource.Storage is null)
        {
            return ComponentStatuses.Serves(resource) ? new(components.Serve(call)) : throw StatusErrors.NoSuchPath();
        }

        AcceptHeader.Negotiate(call.Accept, hasProtobuf: resource.Schema.Type.HasProtobuf); // before anything is written that could not be answered
        return verb switch
        {
            "get" => read.GetAsync(call, resource, ct),
            "list" => read.ListAsync(call, resource, ct),
            "watch" => read.WatchAsync(call, resource, ct),
            "create" => write.CreateAsync(call, resource, ct),
            "update" => write.UpdateAsync(call, resource, ct),
            "patch" when ApplyEndpoint.IsApply(call) => apply.ApplyAsync(call, resource, ct),
            "patch" => patch.PatchAsync(call, resource, ct),
            "delete" => delete.DeleteAsync(call, resource, ct),
            _ => delete.DeleteCollectionAsync(call, resource, ct),
        };
    }

    private void Warn(ApiCall call, ServedResource resource)
    {
        if (resource.Schema.DeprecationWarning.Length > 0)
        {
            call.Warn(resource.Schema.DeprecationWarning);
            var removed = metrics.AskedDeprecated(call.Info, resource.Schema.DeprecationWarning);
            call.Audit?.Annotate("k8s.io/deprecated", "true");
            if (removed.Length > 0)
            {
                call.Audit?.Annotate("k8s.io/removed-release", removed);
            }
        }
    }

    public ValueTask<ApiResult> ServeSubresourceAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var info = call.Info;
        Warn(call, resource);
        foreach (var connect in connects)
        {
            if (connect.Serves(resource, info.Subresource))
            {
                return connect.ConnectAsync(call, resource, ct);
            }
        }

        if (resource.Schema.FindSubresource(info.Subresource) is not { } subresource || resource.Storage is null)
        {
            throw resource.Schema.IsCustom ? StatusErrors.NotFound(resource.Schema.Group, resource.Schema.Plural, info.Name) : StatusErrors.NoSuchPath();
        }

        if (!subresource.Verbs.Contains(info.Verb))
        {
            throw StatusErrors.MethodNotSupported(resource.Schema.Group, resource.Schema.Plural, info.Verb);
        }

        AcceptHeader.Negotiate(call.Accept, hasProtobuf: info.Subresource == "scale" || resource.Schema.Type.HasProtobuf);
        return (info.Subresource, info.Verb) switch
        {
            ("scale", "get") => scale.GetAsync(call, resource, ct),
            ("scale", "update") => scale.UpdateAsync(call, resource, ct),
            ("scale", "patch") => scale.PatchAsync(call, resource, ct),
            ("binding", _) => pods.BindAsync(call, resource, ct),
            ("eviction", _) => pods.EvictAsync(call, resource, ct),
            (_, "get") => read.GetAsync(call, resource, ct),
            (_, "update") => write.UpdateAsync(call, resource, ct),
            (_, "patch") when ApplyEndpoint.IsApply(call) => apply.ApplyAsync(call, resource, ct),
            (_, "patch") => patch.PatchAsync(call, resource, ct),
            _ => throw StatusErrors.MethodNotSupported(resource.Schema.Group, resource.Schema.Plural, info.Verb),
        };
    }
}

/// <summary>A subresource that connects the client with something else: log, exec, attach, portforward, proxy.</summary>
internal interface IConnectEndpoint
{
    bool Serves(ServedResource resource, string subresource);

    ValueTask<ApiResult> ConnectAsync(ApiCall call, ServedResource resource, CancellationToken ct);
}
