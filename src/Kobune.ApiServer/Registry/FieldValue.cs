using System.Globalization;
using System.Text.Json;
using Kobune.Api;

namespace Kobune.ApiServer.Registry;

/// <summary>How a value is shown in a validation message.</summary>
internal static class FieldValue
{
    public static string Show(object? value) => value switch
    {
        null => "null",
        string text => Quote(text),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Quote(value.ToString() ?? ""),
    };

    private static string Quote(string text) => JsonSerializer.Serialize(text, FieldValueJson.Default.String);
}
