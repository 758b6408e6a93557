using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Configuration;

/// <summary>The typed objects that plugins are configured by.</summary>
internal static class PluginObject
{
    /// <summary>Refuses an object of another kind; <paramref name="kinds"/> as "group/version Kind".</summary>
    /// <exception cref="FormatException">It is none of them.</exception>
    public static void Expect(JsonObject root, params string[] kinds)
    {
        if (!kinds.Contains($"{root.Text("apiVersion")} {root.Text("kind")}"))
        {
            throw Unknown(root);
        }
    }

    /// <summary>What is said of an object whose kind nobody knows.</summary>
    public static FormatException Unknown(JsonObject root) => new(
        root.Text("kind").Length == 0 ? $"Object 'Kind' is missing in '{root.ToJsonString()}'"
        : root.Text("apiVersion").Length == 0 ? $"Object 'apiVersion' is missing in '{root.ToJsonString()}'"
        : $"no kind \"{root.Text("kind")}\" is registered for version \"{root.Text("apiVersion")}\"");

    /// <summary>The texts of a list.</summary>
    public static IReadOnlyList<string> Texts(JsonObject? node, string field) =>
        node?[field] is JsonArray list ? [.. list.Select(i => i is JsonValue value && value.TryGetValue(out string? text) ? text : throw new FormatException($"{field} is no list of texts"))] : [];
}
