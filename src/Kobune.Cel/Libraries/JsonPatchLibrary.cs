using Kobune.Cel.Types;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Keys in the paths of JSON patches.</summary>
internal static class JsonPatchLibrary
{
    public static readonly CelLibrary Library = new LibraryBuilder("jsonpatch")
        .Global("jsonpatch.escapeKey", "string_jsonpatch_escapeKey_string", [CelType.String], CelType.String,
            a => Text(a[0].Text().Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)))
        .Build();
}
