namespace Kobune.Api.Schema;

/// <summary>Go's truth values, as flags, annotations and query parameters of upstream are read (strconv.ParseBool).</summary>
public static class GoBool
{
    /// <summary>The value, or null for what is none.</summary>
    public static bool? TryParse(string? text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };
}
