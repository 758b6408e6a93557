using System.Text.Json.Nodes;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization.Reviews;

/// <summary>A question to an authorizer as the spec of a SubjectAccessReview. Source: k8s.io/apiserver, plugin/authorizer/webhook.</summary>
internal static class AccessReviewSpec
{
    /// <summary>Writes it; the fields stand in upstream's order.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="request">For what.</param>
    /// <param name="groupsKey">"groups"; v1beta1 says "group".</param>
    /// <param name="withSelectors">Whether selectors are told.</param>
    public static JsonObject Write(UserInfo user, RequestInfo request, string groupsKey, bool withSelectors)
    {
        var spec = new JsonObject();
        if (request.IsResourceRequest)
        {
            spec["resourceAttributes"] = Resource(request, withSelectors);
        }
        else
        {
            var path = new JsonObject();
            Put(path, "path", request.Path);
            Put(path, "verb", request.Verb);
            spec["nonResourceAttributes"] = path;
        }

        Put(spec, "user", user.Name);
        if (user.Groups.Count > 0)
        {
            spec[groupsKey] = user.Groups.ToJsonArray();
        }

        if (UserInfoJson.WriteExtra(user) is { } extra)
        {
            spec["extra"] = extra;
        }

        Put(spec, "uid", user.Uid);
        return spec;
    }

    private static JsonObject Resource(RequestInfo request, bool withSelectors)
    {
        var resource = new JsonObject();
        Put(resource, "namespace", request.Namespace);
        Put(resource, "verb", request.Verb);
        Put(resource, "group", request.ApiGroup);
        Put(resource, "version", request.ApiVersion);
        Put(resource, "resource", request.Resource);
        Put(resource, "subresource", request.Subresource);
        Put(resource, "name", request.Name);
        if (withSelectors)
        {
            PutRequirements(resource, "fieldSelector", Fields(request.FieldSelector));
            PutRequirements(resource, "labelSelector", Labels(request.LabelSelector));
        }

        return resource;
    }

    private static void Put(JsonObject node, string key, string value)
    {
        if (value.Length > 0)
        {
            node[key] = value;
        }
    }

    private static void PutRequirements(JsonObject node, string key, IEnumerable<JsonObject> requirements)
    {
        var array = new JsonArray([.. requirements]);
        if (array.Count > 0)
        {
            node[key] = new JsonObject { ["requirements"] = array };
        }
    }

    // A selector that cannot be read narrows nothing: the question is then about everything, and the endpoint refuses the request.
    private static IEnumerable<JsonObject> Fields(string text)
    {
        try
        {
            return FieldSelector.Parse(text).Requirements.Select(r => Requirement(r.Field, r.Equal ? "In" : "NotIn", [r.Value]));
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static IEnumerable<JsonObject> Labels(string text)
    {
        try
        {
            return Selector.Parse(text).Requirements.Select(Label).OfType<JsonObject>();
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static JsonObject? Label(LabelRequirement requirement) => requirement.Operator switch
    {
        SelectorOperator.Equal or SelectorOperator.In => Requirement(requirement.Key, "In", requirement.Values),
        SelectorOperator.NotEqual or SelectorOperator.NotIn => Requirement(requirement.Key, "NotIn", requirement.Values),
        SelectorOperator.Exists => Requirement(requirement.Key, "Exists", []),
        SelectorOperator.DoesNotExist => Requirement(requirement.Key, "DoesNotExist", []),
        _ => null, // reviews know no order; without it the question is only broader
    };

    private static JsonObject Requirement(string key, string @operator, IReadOnlyList<string> values)
    {
        var requirement = new JsonObject { ["key"] = key, ["operator"] = @operator };
        if (values.Count > 0)
        {
            requirement["values"] = values.ToJsonArray();
        }

        return requirement;
    }
}
