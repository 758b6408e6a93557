using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Tests.Authorization;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Runs one kind's strategy over JSON texts, as the registry does.</summary>
internal static class Strategies
{
    private static readonly StrategyContext Context = new(UserInfo.Of("alice"), new ManualTime(), new ObjectTable(), DryRun: false);

    public static KindStrategy Of(string resource)
    {
        var dot = resource.IndexOf('.');
        var wanted = dot < 0 ? ("", resource) : (resource[(dot + 1)..], resource[..dot]);
        return BuiltInStrategies.All.Single(s => s.Resource == wanted);
    }

    /// <summary>The object as it would be stored by a create.</summary>
    public static JsonObject Defaulted(string resource, string json)
    {
        var obj = (JsonObject)JsonNode.Parse(json)!;
        Of(resource).ApplyDefaults(obj);
        return obj;
    }

    public static JsonObject Prepared(string resource, string json)
    {
        var obj = Defaulted(resource, json);
        Of(resource).PrepareForCreate(Context, obj);
        return obj;
    }

    /// <summary>All problems of a create, one a line.</summary>
    public static string Create(string resource, string json)
    {
        var errors = new FieldErrors();
        Of(resource).Validate(Encode(Prepared(resource, json)), errors);
        return Text(errors);
    }

    /// <summary>The object as an update would store it.</summary>
    public static JsonObject Updated(string resource, string oldJson, string json, string subresource = "")
    {
        var (old, obj) = (Prepared(resource, oldJson), Defaulted(resource, json));
        Of(resource).PrepareForUpdate(Context, obj, old, subresource);
        return obj;
    }

    /// <summary>All problems of an update.</summary>
    public static string Update(string resource, string oldJson, string json, string subresource = "")
    {
        var (old, obj) = (Prepared(resource, oldJson), Updated(resource, oldJson, json, subresource));
        var errors = new FieldErrors();
        Of(resource).ValidateUpdate(Encode(obj), Encode(old), subresource, errors);
        return Text(errors);
    }

    /// <summary>A copy of a text with one value replaced: "spec.containers.0.name" = JSON; "-" removes it.</summary>
    public static string With(string json, string path, string value)
    {
        var obj = JsonNode.Parse(json)!;
        var parts = path.Split('.');
        var node = obj;
        foreach (var part in parts[..^1])
        {
            node = int.TryParse(part, out var index) ? node![index] : node![part] ?? (node[part] = new JsonObject());
        }

        if (int.TryParse(parts[^1], out var last))
        {
            node![last] = JsonNode.Parse(value);
        }
        else if (value == "-")
        {
            ((JsonObject)node!).Remove(parts[^1]);
        }
        else
        {
            node![parts[^1]] = JsonNode.Parse(value);
        }

        return obj.ToJsonString();
    }

    private static EncodedObject Encode(JsonObject obj) => new(Encoding.UTF8.GetBytes(obj.ToJsonString()));

    private static string Text(FieldErrors errors) => string.Join("\n", errors.Items.Select(e => $"{e.Field}: {e.Message}"));
}
