using System.Text;
using System.Text.Json;

namespace Kobune.ApiServer.Fields;

/// <summary>Path elements as people read them: .spec.containers[name="c"].image. Source: structured-merge-diff, fieldpath.Path.String.</summary>
internal static class FieldPaths
{
    public static string Text(IEnumerable<string> path) => string.Concat(path.Select(Element));

    /// <summary>One element: "f:name" as .name, k:{"name":"c"} as [name="c"], v:"x" as [="x"].</summary>
    public static string Element(string element) => element[..2] switch
    {
        "f:" => "." + element[2..],
        "v:" => $"[={Value(element[2..])}]",
        "k:" => Key(element[2..]),
        _ => $"[{element[2..]}]",
    };

    private static string Key(string json)
    {
        using var document = JsonDocument.Parse(json);
        var text = new StringBuilder("[");
        foreach (var key in document.RootElement.EnumerateObject())
        {
            text.Append(text.Length > 1 ? "," : "").Append(key.Name).Append('=').Append(Value(key.Value));
        }

        return text.Append(']').ToString();
    }

    private static string Value(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Value(document.RootElement);
    }

    /// <summary>value.ToString: a map is the texts of its fields without anything between.</summary>
    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => string.Concat(value.EnumerateObject().Select(field => $"{field.Name}={Value(field.Value)}")),
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Value))}]",
        _ => value.GetRawText(),
    };
}
