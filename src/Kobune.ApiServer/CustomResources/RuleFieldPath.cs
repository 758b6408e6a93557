using System.Text;
using System.Text.Json.Nodes;

namespace Kobune.ApiServer.CustomResources;

/// <summary>The fieldPath of a rule: <c>.spec.x</c> or <c>.map['key']</c>, relative to the rule's schema.</summary>
internal static class RuleFieldPath
{
    /// <summary>The path as messages show it, or null when it names no field of the schema.</summary>
    public static string? Normalize(string path, JsonObject schema)
    {
        var shown = new StringBuilder();
        for (var at = 0; at < path.Length;)
        {
            if (Next(path, ref at) is not { } name)
            {
                return null;
            }

            JsonObject? inner;
            if (schema["properties"] is JsonObject properties)
            {
                inner = properties[name] as JsonObject;
                shown.Append(shown.Length > 0 ? "." : "").Append(name);
            }
            else
            {
                inner = schema["additionalProperties"] as JsonObject;
                shown.Append('[').Append(name).Append(']');
            }

            if (inner is null)
            {
                return null;
            }

            schema = inner;
        }

        return shown.ToString();
    }

    private static string? Next(string path, ref int at)
    {
        if (path[at] == '[')
        {
            return Quoted(path, ref at);
        }

        if (path[at] != '.')
        {
            return null;
        }

        var end = path.IndexOfAny(['.', '[', ']'], at + 1);
        end = end < 0 ? path.Length : end;
        var name = path[(at + 1)..end];
        at = end;
        return name.Length == 0 ? null : name;
    }

    private static string? Quoted(string path, ref int at)
    {
        if (at + 1 >= path.Length || path[at + 1] != '\'')
        {
            return null;
        }

        var text = new StringBuilder();
        for (var i = at + 2; i < path.Length; i++)
        {
            if (path[i] == '\'')
            {
                at = i + 2;
                return i + 1 < path.Length && path[i + 1] == ']' ? text.ToString() : null;
            }

            if (path[i] != '\\')
            {
                text.Append(path[i]);
            }
            else if (++i < path.Length && Escape(path[i]) is { } plain)
            {
                text.Append(plain);
            }
            else
            {
                return null;
            }
        }

        return null;
    }

    private static char? Escape(char directive) => directive switch
    {
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        '\'' or '\\' => directive,
        _ => null,
    };
}
