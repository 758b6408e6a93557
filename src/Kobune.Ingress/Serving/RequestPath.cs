using System.Text;

namespace Kobune.Ingress.Serving;

/// <summary>A path as nginx matches it.</summary>
internal static class RequestPath
{
    /// <summary>The server has decoded all but "%2F" and resolved dots; nginx decodes that too and merges slashes.</summary>
    public static string Normalize(string path)
    {
        if (path.Length == 0)
        {
            return "/";
        }

        if (path.Contains("%2F", StringComparison.OrdinalIgnoreCase))
        {
            path = path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        }

        if (!path.Contains("//", StringComparison.Ordinal))
        {
            return path;
        }

        var merged = new StringBuilder(path.Length);
        foreach (var c in path)
        {
            if (c != '/' || merged.Length == 0 || merged[^1] != '/')
            {
                merged.Append(c);
            }
        }

        return merged.ToString();
    }
}
