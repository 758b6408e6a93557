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
        if (!resource.Verbs.Contains(verb) || HasNoHead(call, resource))
        {
            throw NoVerb(resource, verb);
        }

        if (verb == "create" && call.Info.Name.Length > 0 && !resource.Schema.IsCustom)
        {
            throw StatusErrors.MethodNotAllowed(); // what is made is named in the body
        }

        Route(call, resource);
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

        var form = AcceptHeader.Negotiate(call.Accept, hasProtobuf: resource.Schema.Type.HasProtobuf); // before anything is written that could not be answered
        return verb switch
        {
            "get" => Shaped(read.GetAsync(call, resource, ct), form, resource, isList: false),
            "list" => Shaped(read.ListAsync(call, resource, ct), form, resource, isList: true),
            "watch" => read.WatchAsync(call, resource, ct),
            "create" => write.CreateAsync(call, resource, ct),
            "update" => write.UpdateAsync(call, resource, ct),
            "patch" when ApplyEndpoint.IsApply(call) => apply.ApplyAsync(call, resource, ct),
            "patch" => patch.PatchAsync(call, resource, ct),
            "delete" => delete.DeleteAsync(call, resource, ct),
            _ => delete.DeleteCollectionAsync(call, resource, ct),
        };
    }

    /// <summary>An answer whose metadata is asked for, unless it is a list and that of one is, or the other way round.</summary>
    private static ValueTask<ApiResult> Shaped(ValueTask<ApiResult> answer, AnswerForm form, ServedResource resource, bool isList) =>
        form.Form != ObjectForm.Partial || form.IsOfList == isList ? answer : MisfitAsync(answer, resource, isList);

    /// <summary>What cannot be read at all is told first, as upstream does.</summary>
    private static async ValueTask<ApiResult> MisfitAsync(ValueTask<ApiResult> answer, ServedResource resource, bool isList)
    {
        await answer;
        var type = resource.Schema.IsCustom ? "unstructured.Unstructured" : $"{BodyKind.Package(resource.Schema.Group)}.{resource.Schema.Kind}";
        throw StatusErrors.NotAcceptable(isList
            ? $"you requested PartialObjectMetadata, but the requested object is a list (*{type}List)"
            : $"you requested PartialObjectMetadataList, but the requested object is not a list (*{type})");
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

        if (!subresource.Verbs.Contains(info.Verb) || HasNoHead(call, resource))
        {
            throw NoVerb(resource, info.Verb);
        }

        Route(call, resource);

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
            _ => throw NoVerb(resource, info.Verb),
        };
    }

    /// <summary>Built-in kinds have routes for the methods of their verbs alone; custom ones are asked by a handler of their own.</summary>
    private static bool HasNoHead(ApiCall call, ServedResource resource) => call.Method == "HEAD" && !resource.Schema.IsCustom;

    private static void Route(ApiCall call, ServedResource resource)
    {
        if (!resource.Schema.IsCustom)
        {
            AcceptHeader.Route(call.Accept);
        }
    }

    /// <summary>Upstream has no route for what a built-in kind does not serve; custom kinds have one route for all, whose handler knows the verb.</summary>
    private static StatusException NoVerb(ServedResource resource, string verb) =>
        resource.Schema.IsCustom ? StatusErrors.MethodNotSupported(resource.Schema.Group, resource.Schema.Plural, verb) : StatusErrors.MethodNotAllowed();
}

/// <summary>A subresource that connects the client with something else: log, exec, attach, portforward, proxy.</summary>
internal interface IConnectEndpoint
{
    bool Serves(ServedResource resource, string subresource);

    ValueTask<ApiResult> ConnectAsync(ApiCall call, ServedResource resource, CancellationToken ct);
}
