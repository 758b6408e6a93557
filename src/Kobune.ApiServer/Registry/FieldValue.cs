using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.Api.Validation;

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
        string text => GoQuote.Of(text),
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
        _ => GoQuote.Of(value.ToString() ?? ""),
    };

    private static string Json(JsonNode? node) => node?.ToJsonString(Go) ?? "null";
}
