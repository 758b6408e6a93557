namespace Kobune.Api.Schema.OpenApi;

/// <summary>The operations of a resource and its subresources, with upstream's ids.</summary>
internal sealed class OpenApiOperations
{
    private readonly ApiSchema _schema;
    private readonly ResourceSchema _resource;
    private readonly string _base;
    private readonly string _prefix;
    private readonly string _scope;
    private readonly string _tag;
    private readonly List<OpenApiOperation> _operations = [];

    private OpenApiOperations(ApiSchema schema, ResourceSchema resource)
    {
        _schema = schema;
        _resource = resource;
        _base = GroupPath(resource.Group, resource.Version);
        _prefix = Pascal(GroupName(resource.Group)) + Pascal(resource.Version);
        _scope = resource.Namespaced ? "Namespaced" : "";
        _tag = TagOf(resource.Group, resource.Version);
    }

    /// <summary>All operations, by path.</summary>
    public static IReadOnlyList<OpenApiOperation> Of(ApiSchema schema, ResourceSchema resource)
    {
        var operations = new OpenApiOperations(schema, resource);
        operations.AddResource();
        foreach (var subresource in resource.Subresources)
        {
            operations.AddSubresource(subresource);
        }

        return operations._operations;
    }

    /// <summary>"/api/v1", "/apis/apps/v1".</summary>
    public static string GroupPath(string group, string version) => group.Length == 0 ? "/api/" + version : $"/apis/{group}/{version}";

    /// <summary>"core_v1", "rbacAuthorization_v1".</summary>
    public static string TagOf(string group, string version) => GroupName(group) + "_" + version;

    private string Collection => (_resource.Namespaced ? _base + "/namespaces/{namespace}/" : _base + "/") + _resource.Plural;

    private void AddResource()
    {
        var type = _resource.Type;
        var one = Collection + "/{name}";
        foreach (var verb in _resource.Verbs)
        {
            switch (verb)
            {
                case "create": Add(Collection, "post", "post", "create", "", type, type); break;
                case "list":
                    Add(Collection, "get", "list", "list", "", null, _resource.ListType);
                    if (_resource.Namespaced)
                    {
                        _operations.Add(new($"{_base}/{_resource.Plural}", "get", "list", $"list{_prefix}{_resource.Kind}ForAllNamespaces", _tag, Self, OpenApiParameters.Of("list"), null, _resource.ListType));
                    }

                    break;
                case "deletecollection":
                    _operations.Add(new(Collection, "delete", verb, $"delete{_prefix}Collection{_scope}{_resource.Kind}", _tag, Self, OpenApiParameters.Of(verb), DeleteOptions, Status));
                    break;
                case "get": Add(one, "get", "get", "read", "", null, type); break;
                case "update": Add(one, "put", "put", "replace", "", type, type); break;
                case "patch": Add(one, "patch", "patch", "patch", "", Patch, type); break;
                case "delete": Add(one, "delete", "delete", "delete", "", DeleteOptions, Status); break;
            }
        }
    }

    private void AddSubresource(SubresourceSchema subresource)
    {
        var path = $"{Collection}/{{name}}/{subresource.Name}";
        var suffix = Pascal(subresource.Name);
        var kind = new GroupVersionKindRef(subresource.Group, subresource.Version, subresource.Kind);
        if (subresource.Kind.EndsWith("Options", StringComparison.Ordinal))
        {
            AddConnect(subresource, path, suffix, kind);
            return;
        }

        var isLog = subresource.Name == "log";
        foreach (var verb in subresource.Verbs)
        {
            var (method, action, word) = verb switch
            {
                "get" => ("get", "get", "read"),
                "update" => ("put", "put", "replace"),
                "patch" => ("patch", "patch", "patch"),
                "create" => ("post", "post", "create"),
                _ => ("", "", ""),
            };
            if (method.Length > 0)
            {
                var body = verb switch { "patch" => Patch, "get" => null, _ => subresource.Type };
                var query = isLog ? OpenApiParameters.Of(_schema.FindKind("v1", "PodLogOptions")!) : OpenApiParameters.Of(action);
                _operations.Add(new(path, method, action, $"{word}{_prefix}{_scope}{_resource.Kind}{suffix}", _tag, kind, query, body, isLog ? null : subresource.Type));
            }
        }
    }

    private void AddConnect(SubresourceSchema subresource, string path, string suffix, GroupVersionKindRef kind)
    {
        foreach (var verb in subresource.Verbs)
        {
            var method = verb switch { "create" => "post", "update" => "put", _ => verb };
            _operations.Add(new(path, method, "connect", $"connect{_prefix}{Pascal(method)}{_scope}{_resource.Kind}{suffix}", _tag, kind, OpenApiParameters.Of(subresource.Type!), null, null));
        }
    }

    private GroupVersionKindRef Self => new(_resource.Group, _resource.Version, _resource.Kind);

    private SchemaType Patch => _schema.FindType("meta/v1.Patch")!;

    private SchemaType DeleteOptions => _schema.FindType("meta/v1.DeleteOptions")!;

    private SchemaType Status => _schema.FindType("meta/v1.Status")!;

    private void Add(string path, string method, string action, string word, string suffix, SchemaType? body, SchemaType? response) =>
        _operations.Add(new(path, method, action, $"{word}{_prefix}{_scope}{_resource.Kind}{suffix}", _tag, Self, OpenApiParameters.Of(action), body, response));

    /// <summary>"rbac.authorization.k8s.io" as "rbacAuthorization".</summary>
    private static string GroupName(string group)
    {
        if (group.Length == 0)
        {
            return "core";
        }

        var words = (group.EndsWith(".k8s.io", StringComparison.Ordinal) ? group[..^".k8s.io".Length] : group).Split('.', '-');
        return words[0] + string.Concat(words.Skip(1).Select(Pascal));
    }

    private static string Pascal(string word) => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..];
}
