using System.Text;
using Kobune.Api;
using Kobune.Api.Meta.V1;

namespace Kobune.Client;

/// <summary>Paths of the API: "/apis/apps/v1/namespaces/default/deployments/web/status?...".</summary>
public static class ResourcePath
{
    /// <summary>The path of a collection, an object or a subresource.</summary>
    public static string Of(ResourceDescriptor resource, string ns, string? name = null, string? subresource = null)
    {
        var path = new StringBuilder(resource.Group.Length == 0 ? "/api/" : "/apis/");
        if (resource.Group.Length > 0)
        {
            path.Append(resource.Group).Append('/');
        }

        path.Append(resource.Version);
        if (resource.Namespaced && ns.Length > 0)
        {
            path.Append("/namespaces/").Append(Uri.EscapeDataString(ns));
        }

        path.Append('/').Append(resource.Plural);
        if (name is not null)
        {
            path.Append('/').Append(Uri.EscapeDataString(name));
        }

        if (subresource is not null)
        {
            path.Append('/').Append(subresource);
        }

        return path.ToString();
    }

    /// <summary>The query of list and watch options, with its question mark; empty for none.</summary>
    public static string Query(ListOptions? options, bool watch = false)
    {
        var query = new StringBuilder();
        void Add(string name, string value) => query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        void AddText(string name, string value)
        {
            if (value.Length > 0)
            {
                Add(name, value);
            }
        }

        if (watch)
        {
            Add("watch", "true");
        }

        if (options is null)
        {
            return query.ToString();
        }

        if (options.AllowWatchBookmarks)
        {
            Add("allowWatchBookmarks", "true");
        }

        AddText("labelSelector", options.LabelSelector);
        AddText("fieldSelector", options.FieldSelector);
        AddText("resourceVersion", options.ResourceVersion);
        AddText("resourceVersionMatch", options.ResourceVersionMatch);
        AddText("continue", options.Continue);
        AddText("limit", options.Limit > 0 ? options.Limit.ToString() : "");
        AddText("timeoutSeconds", options.TimeoutSeconds?.ToString() ?? "");
        AddText("sendInitialEvents", options.SendInitialEvents switch { null => "", true => "true", false => "false" });
        return query.ToString();
    }
}
