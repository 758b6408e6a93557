namespace Kobune.ApiServer.Codec;

/// <summary>Media types of bodies.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Yaml = "application/yaml";
    public const string Protobuf = "application/vnd.kubernetes.protobuf";
    public const string JsonPatch = "application/json-patch+json";
    public const string MergePatch = "application/merge-patch+json";
    public const string StrategicMergePatch = "application/strategic-merge-patch+json";

    /// <summary>A server-side apply: YAML, of which JSON is a part.</summary>
    public const string ApplyPatch = "application/apply-patch+yaml";

    /// <summary>What a body may be, in upstream's order.</summary>
    public static readonly string[] Bodies = [Json, Yaml, Protobuf];

    /// <summary>What the patch of a custom object may be: strategies are words of Go types.</summary>
    public static readonly string[] CustomPatches = [JsonPatch, MergePatch, ApplyPatch];

    /// <summary>What a patch may be, in upstream's order.</summary>
    public static readonly string[] Patches = [JsonPatch, MergePatch, StrategicMergePatch, ApplyPatch];

    /// <summary>A Content-Type without its parameters, in lower case; as it is when a parameter has no value, which makes it one that nobody knows.</summary>
    public static string Bare(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            return "";
        }

        var semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
        if (semicolon >= 0 && contentType[semicolon..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Any(p => !p.Contains('=', StringComparison.Ordinal)))
        {
            return contentType;
        }

        return (semicolon < 0 ? contentType : contentType[..semicolon]).Trim().ToLowerInvariant();
    }
}
