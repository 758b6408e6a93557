using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Access modes of volumes and claims.</summary>
internal static class AccessModes
{
    private static readonly string[] Known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    public static void Validate(IReadOnlyList<string> modes, string path, FieldErrors errors)
    {
        foreach (var mode in modes.Where(m => !Known.Contains(m)))
        {
            errors.NotSupported(path, mode, Known);
        }

        if (modes.Contains("ReadWriteOncePod") && modes.Any(m => m != "ReadWriteOncePod" && Known.Contains(m)))
        {
            errors.Forbidden(path, "may not use ReadWriteOncePod with other access modes");
        }
    }
}
