using Kobune.Api.Selectors;

namespace Kobune.ApiServer.Requests;

/// <summary>Tells what a path asks for. Rules of upstream's RequestInfoFactory (k8s.io/apiserver, endpoints/request).</summary>
public static class RequestInfoFactory
{
    /// <summary>Reads method, path and query. Never fails: what is no resource path is a non-resource request.</summary>
    public static RequestInfo Create(string method, string path, QueryValues query)
    {
        var parts = Split(path);
        if (parts.Length < 3 || parts[0] is not ("api" or "apis"))
        {
            return NonResource(method, path);
        }

        var prefix = parts[0];
        var group = "";
        var rest = parts.AsSpan(1);
        if (prefix == "apis")
        {
            if (rest.Length < 3)
            {
                return NonResource(method, path);
            }

            group = rest[0];
            rest = rest[1..];
        }

        var version = rest[0];
        rest = rest[1..];
        var verb = VerbOf(method);
        if (rest[0] is "watch" or "proxy")
        {
            if (rest.Length < 2)
            {
                return NonResource(method, path);
            }

            verb = rest[0];
            rest = rest[1..];
        }

        var ns = "";
        if (rest[0] == "namespaces" && rest.Length > 1)
        {
            ns = rest[1];
            if (rest.Length > 2 && rest[2] is not ("status" or "finalize"))
            {
                rest = rest[2..];
            }
        }

        var name = rest.Length >= 2 ? rest[1] : "";
        var info = new RequestInfo
        {
            IsResourceRequest = true,
            Path = path,
            Verb = verb,
            ApiPrefix = prefix,
            ApiGroup = group,
            ApiVersion = version,
            Namespace = ns,
            Resource = rest[0],
            Name = name,
            Subresource = rest.Length >= 3 && verb != "proxy" ? rest[2] : "",
            Parts = rest.ToArray(),
        };
        return name.Length > 0 ? info : Collection(info, query);
    }

    private static RequestInfo Collection(RequestInfo info, QueryValues query)
    {
        if (info.Verb == "delete")
        {
            return info with { Verb = "deletecollection", FieldSelector = query.Get("fieldSelector"), LabelSelector = query.Get("labelSelector") };
        }

        if (info.Verb is not ("get" or "watch"))
        {
            return info;
        }

        var verb = info.Verb == "watch" || query.Flag("watch") ? "watch" : "list";
        var named = info with { Verb = verb, Name = NameOf(query) };
        return info.Verb == "watch" // the verb of the path: authorizers are told no selectors
            ? named
            : named with { FieldSelector = query.Get("fieldSelector"), LabelSelector = query.Get("labelSelector") };
    }

    private static string NameOf(QueryValues query)
    {
        if (query.Find("fieldSelector") is not { Length: > 0 } text)
        {
            return "";
        }

        try
        {
            return FieldSelector.Parse(text).ExactValue("metadata.name") ?? "";
        }
        catch (FormatException)
        {
            return ""; // the endpoint refuses it with upstream's words
        }
    }

    private static string VerbOf(string method) => method switch
    {
        "POST" => "create",
        "GET" or "HEAD" => "get",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "",
    };

    private static RequestInfo NonResource(string method, string path) =>
        new() { IsResourceRequest = false, Path = path, Verb = method.ToLowerInvariant() };

    private static string[] Split(string path) => path.Trim('/') is { Length: > 0 } trimmed ? trimmed.Split('/') : [];
}
