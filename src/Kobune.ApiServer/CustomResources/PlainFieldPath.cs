using System.Text.Json.Nodes;

namespace Kobune.ApiServer.CustomResources;

/// <summary>The paths of selectable fields: names with dots before them. Source: k8s.io/apiextensions-apiserver, apiserver/schema/cel, ValidFieldPath without the notation of arrays.</summary>
internal static class PlainFieldPath
{
    private static readonly char[] Delimiters = ['.', '[', ']'];

    /// <summary>Follows a path through a schema.</summary>
    /// <param name="path">".spec.color".</param>
    /// <param name="schema">Where it begins.</param>
    /// <param name="found">The schema at its end.</param>
    /// <returns>What is wrong with it, in upstream's words, or null.</returns>
    public static string? Find(string path, JsonObject schema, out JsonObject found)
    {
        found = schema;
        for (var at = 0; at < path.Length;)
        {
            switch (Token(path, ref at))
            {
                case "[":
                    return "array notation is not allowed";
                case "." when at >= path.Length:
                    return "unexpected end of JSON path";
                case ".":
                    var name = Token(path, ref at);
                    if ((found["properties"] is JsonObject fields ? fields[name] : found["additionalProperties"]) is not JsonObject inner)
                    {
                        return "does not refer to a valid field";
                    }

                    found = inner;
                    break;
                case var other:
                    return $"expected [ or . but got: {other}";
            }
        }

        return null;
    }

    private static string Token(string path, ref int at)
    {
        var start = at;
        var end = path.IndexOfAny(Delimiters, at);
        at = end == start ? end + 1 : end < 0 ? path.Length : end;
        return path[start..at];
    }
}
