using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Configuration;

/// <summary>Objects of apiserver.config.k8s.io, which files give the server. What they do not know is refused.</summary>
internal static class ConfigurationObject
{
    private const string Group = "apiserver.config.k8s.io/";

    /// <summary>Reads the text of a file; <paramref name="fields"/> as in <see cref="Strict"/>.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static JsonObject Read(string text, string wanted, params string[] fields)
    {
        var root = YamlObject.Read(text);
        var (version, kind) = (root.Text("apiVersion"), root.Text("kind"));
        if (kind != wanted || version is not (Group + "v1" or Group + "v1beta1" or Group + "v1alpha1"))
        {
            throw new FormatException($"no kind \"{kind}\" is registered for version \"{version}\"");
        }

        Strict(root, "", ["apiVersion", "kind", .. fields]);
        return root;
    }

    /// <summary>Refuses fields that are not known, and values of another kind: "name" is a text, "name[]" a list, "name{}" an object, "name?" true or false.</summary>
    /// <exception cref="FormatException">The first of them.</exception>
    public static void Strict(JsonObject node, string path, params string[] known)
    {
        foreach (var (name, value) in node)
        {
            var field = path.Length == 0 ? name : $"{path}.{name}";
            var declared = known.FirstOrDefault(k => k.TrimEnd('[', ']', '{', '}', '?') == name) ?? throw new FormatException($"strict decoding error: unknown field \"{field}\"");
            if (value is not null && Kind(value) is var kind && kind != Kind(declared))
            {
                throw new FormatException($"strict decoding error: field \"{field}\" is {kind} and must be {Kind(declared)}");
            }
        }
    }

    /// <summary>Refuses the object when something is wrong with it.</summary>
    public static void Throw(FieldErrors errors)
    {
        if (errors.Items.Count > 0)
        {
            var all = string.Join(", ", errors.Items.Select(e => $"{e.Field}: {e.Message}").Distinct());
            throw new FormatException(errors.Items.Count == 1 ? all : $"[{all}]");
        }
    }

    private static string Kind(string declared) => declared[^1] switch
    {
        ']' => "a list",
        '}' => "an object",
        '?' => "true or false",
        _ => "a text",
    };

    private static string Kind(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.String => "a text",
        _ => "a number",
    };
}
