using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Tests.Authorization;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Runs one kind's strategy over JSON texts, as the registry does.</summary>
internal static class Strategies
{
    private static readonly (string Text, string Reason)[] Reasons =
    [
        ("Required value", "FieldValueRequired"),
        ("Invalid value", "FieldValueInvalid"),
        ("Unsupported value", "FieldValueNotSupported"),
        ("Duplicate value", "FieldValueDuplicate"),
        ("Forbidden", "FieldValueForbidden"),
        ("Too long", "FieldValueTooLong"),
        ("Too many", "FieldValueTooMany"),
        ("Not found", "FieldValueNotFound"),
    ];

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
    public static string Create(string resource, string json, string? group = null, FeatureGates? features = null)
    {
        var errors = new FieldErrors(features, group);
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

    /// <summary>The object as an update would store it, of one that an older release stored.</summary>
    public static JsonObject UpdatedOld(string resource, string oldJson, string json)
    {
        var obj = Defaulted(resource, json);
        Of(resource).PrepareForUpdate(Context, obj, Defaulted(resource, oldJson), "");
        return obj;
    }

    /// <summary>All problems of an update.</summary>
    public static string Update(string resource, string oldJson, string json, string subresource = "", string? group = null)
    {
        var (old, obj) = (Prepared(resource, oldJson), Updated(resource, oldJson, json, subresource));
        var errors = new FieldErrors(group: group);
        Of(resource).ValidateUpdate(Encode(obj), Encode(old), subresource, errors);
        return Text(errors);
    }

    /// <summary>What a client is warned of that creates this, one a line.</summary>
    public static string WarningsOfCreate(string resource, string json, int minor = 36) =>
        string.Join("\n", Of(resource).Warnings(Encode(Prepared(resource, json)), null, FeatureGates.Default(new KubernetesVersion(minor, 0))));

    /// <summary>What a client is warned of that changes this.</summary>
    public static string WarningsOfUpdate(string resource, string oldJson, string json) =>
        string.Join("\n", Of(resource).Warnings(Encode(Updated(resource, oldJson, json)), Encode(Prepared(resource, oldJson)), FeatureGates.Default(KubernetesVersion.Newest)));

    /// <summary>The whole Status that refuses a create, as JSON.</summary>
    public static string RefusedCreate(string resource, string kind, string json, string? group = null)
    {
        var errors = new FieldErrors(group: group);
        Of(resource).Validate(Encode(Prepared(resource, json)), errors);
        return Refusal(resource, kind, json, errors);
    }

    /// <summary>The whole Status that refuses an update.</summary>
    public static string RefusedUpdate(string resource, string kind, string oldJson, string json, string subresource = "", string? group = null)
    {
        var (old, obj) = (Prepared(resource, oldJson), Updated(resource, oldJson, json, subresource));
        var errors = new FieldErrors(group: group);
        Of(resource).ValidateUpdate(Encode(obj), Encode(old), subresource, errors);
        return Refusal(resource, kind, json, errors);
    }

    /// <summary>The Status that a client is to see for problems that are told as "FieldValueInvalid spec.x: Invalid value: ...", one a line; a line that starts with a tab goes on with the one before.</summary>
    public static string Status(string resource, string kind, string name, string problems)
    {
        var group = resource.Contains('.') ? resource[(resource.IndexOf('.') + 1)..] : "";
        var causes = new JsonArray();
        var texts = new List<string>();
        foreach (var line in problems.Replace("\n\t", "\u0001", StringComparison.Ordinal).Split('\n').Select(l => l.Replace('\u0001', '\n')))
        {
            var (space, colon) = (line.IndexOf(' '), line.IndexOf(": ", StringComparison.Ordinal));
            causes.Add((JsonNode)new JsonObject { ["reason"] = line[..space], ["message"] = line[(colon + 2)..], ["field"] = line[(space + 1)..colon] });
            texts.Add(line[(space + 1)..]);
        }

        var details = new JsonObject { ["name"] = name, ["kind"] = kind, ["causes"] = causes };
        if (group.Length > 0)
        {
            details["group"] = group;
        }

        return Sorted(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Status",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["reason"] = "Invalid",
            ["code"] = 422,
            ["message"] = $"{(group.Length > 0 ? kind + "." + group : kind)} \"{name}\" is invalid: {(texts.Distinct().Count() == 1 ? texts[0] : $"[{string.Join(", ", texts.Distinct())}]")}",
            ["details"] = details,
        });
    }

    /// <summary>A create is refused with the whole Status of these problems, "spec.x: Invalid value: ...", one a line; is taken when there are none.</summary>
    public static void Creates(string resource, string kind, string json, string problems, string? group = null)
    {
        if (problems.Length == 0)
        {
            Assert.Equal("", Create(resource, json, group));
        }
        else
        {
            Assert.Equal(Status(resource, kind, NameOf(json), WithReasons(problems)), RefusedCreate(resource, kind, json, group));
        }
    }

    /// <summary>An update is refused with the whole Status of these problems, or taken.</summary>
    public static void Updates(string resource, string kind, string oldJson, string json, string problems, string subresource = "", string? group = null)
    {
        if (problems.Length == 0)
        {
            Assert.Equal("", Update(resource, oldJson, json, subresource, group));
        }
        else
        {
            Assert.Equal(Status(resource, kind, NameOf(json), WithReasons(problems)), RefusedUpdate(resource, kind, oldJson, json, subresource, group));
        }
    }

    private static string NameOf(string json) => (string?)JsonNode.Parse(json)!["metadata"]?["name"] ?? "";

    private static string WithReasons(string problems) => string.Join("\n", problems.ReplaceLineEndings("\n").Split('\n').Select(line =>
        line.StartsWith('\t') ? line : $"{Reasons.Single(r => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].StartsWith(r.Text, StringComparison.Ordinal)).Reason} {line}"));

    private static string Refusal(string resource, string kind, string json, FieldErrors errors)
    {
        if (errors.Items.Count == 0)
        {
            return "nothing was refused";
        }

        var group = resource.Contains('.') ? resource[(resource.IndexOf('.') + 1)..] : "";
        return Sorted(JsonNode.Parse(JsonText.Bytes(StatusErrors.Invalid(group, kind, NameOf(json), errors).Status))!);
    }

    private static string Sorted(JsonNode node)
    {
        return Order(node)!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

        static JsonNode? Order(JsonNode? node) => node switch
        {
            JsonObject obj => new JsonObject(obj.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, Order(f.Value)))),
            JsonArray array => new JsonArray([.. array.Select(Order)]),
            _ => node?.DeepClone(),
        };
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
