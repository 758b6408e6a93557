using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;

namespace Kobune.ApiServer.Registry;

/// <summary>How a value is shown in a validation message: strings as Go's %q, numbers and flags bare, the rest as JSON (k8s.io/apimachinery, util/validation/field).</summary>
internal static class FieldValue
{
    public static string Show(object? value) => value switch
    {
        null => "null",
        string text => Quote(text),
        bool flag => flag ? "true" : "false",
        Quantity quantity => Quote(quantity.ToString()),
        IntOrString { IsString: true } text => Quote(text.StringValue),
        IntOrString number => number.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IJsonWritable record => Encoding.UTF8.GetString(JsonText.Bytes(record)),
        JsonNode node => node.ToJsonString(),
        IEnumerable<KeyValuePair<string, string>> map => "{" + string.Join(",", map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{Quote(m.Key)}:{Quote(m.Value)}")) + "}",
        IEnumerable<string> list => "[" + string.Join(",", list.Select(Quote)) + "]",
        _ => Quote(value.ToString() ?? ""),
    };

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\r' => quoted.Append("\\r"),
                < ' ' or '\u007f' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
