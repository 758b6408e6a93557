using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Paths that must stay inside of what they are in.</summary>
internal static class PathRules
{
    public static bool HasBacksteps(string value) => value.Split('/').Contains("..");

    public static void NoBacksteps(string value, string path, FieldErrors errors)
    {
        if (HasBacksteps(value))
        {
            errors.Invalid(path, value, "must not contain '..'");
        }
    }

    /// <summary>Relative and without steps back (upstream's validateLocalDescendingPath).</summary>
    public static void Descending(string value, string path, FieldErrors errors)
    {
        if (value.StartsWith('/'))
        {
            errors.Invalid(path, value, "must be a relative path");
        }

        NoBacksteps(value, path, errors);
    }

    /// <summary>The same, and no name that the kubelet keeps for itself (upstream's ValidateLocalNonReservedPath).</summary>
    public static void Local(string value, string path, FieldErrors errors)
    {
        Descending(value, path, errors);
        if (value.StartsWith("..", StringComparison.Ordinal) && !value.StartsWith("../", StringComparison.Ordinal))
        {
            errors.Invalid(path, value, "must not start with '..'");
        }
    }
}
