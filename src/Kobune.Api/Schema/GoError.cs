using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Kobune.Api.Schema;

/// <summary>Words of Go's encoding/json.</summary>
internal static class GoError
{
    /// <summary>What a value is called in an error.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    /// <summary>A number that does not fit its type is shown.</summary>
    public static string DescribeNumber(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? "number " + Encoding.ASCII.GetString(JsonMarshal.GetRawUtf8Value(value)) : Describe(value);
}
