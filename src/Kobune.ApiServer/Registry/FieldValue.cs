using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Registry;

/// <summary>
/// How a value is shown in a validation message: strings as Go's %q, numbers and flags bare, the rest as Go's JSON; API objects in their internal form, which is what upstream validates
/// (k8s.io/apimachinery, util/validation/field, ErrorBody).
/// </summary>
internal static class FieldValue
{
    private static readonly JsonSerializerOptions Go = new() { Encoder = JsonText.WriterOptions.Encoder };

    public static string Show(object? value) => value switch
    {
        null => "null",
        string text => Quote(text),
        bool flag => flag ? "true" : "false",
        Quantity quantity => Json(JsonValue.Create(quantity.ToString())),
        IntOrString { IsString: true } text => Json(JsonValue.Create(text.StringValue)),
        IntOrString number => number.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IJsonWritable record => Json(InternalForm.Of(record)),
        JsonNode node => Json(node),
        IEnumerable<IJsonWritable> records => Json(new JsonArray([.. records.Select(InternalForm.Of)])),
        IEnumerable<KeyValuePair<string, string>> map => Json(new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)))),
        IEnumerable<string> list => Json(new JsonArray([.. list.Select(i => (JsonNode)i)])),
        _ => Quote(value.ToString() ?? ""),
    };

    private static string Json(JsonNode? node) => node?.ToJsonString(Go) ?? "null";

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' or '\\' => quoted.Append('\\').Append((char)rune.Value),
                >= '\a' and <= '\r' => quoted.Append('\\').Append("abtnvfr"[rune.Value - '\a']),
                < ' ' or '\u007f' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x80 => quoted.Append((char)rune.Value),
                _ when IsPrinted(rune) => quoted.Append(rune.ToString()),
                <= 0xffff => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Go's IsPrint: letters, marks, numbers, punctuation and symbols.</summary>
    private static bool IsPrinted(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
