using System.Text;

namespace Kobune.Cel.Types;

/// <summary>Kubernetes' escaping of property names that are no identifiers of CEL (k8s.io/apiserver/pkg/cel/escaping.go): <c>a-b</c> is <c>a__dash__b</c>, <c>in</c> is <c>__in__</c>.</summary>
public static class CelFieldName
{
    private static readonly HashSet<string> Reserved =
    [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ];

    private static readonly (string Plain, string Escaped)[] Symbols = [("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__")];

    /// <summary>The name that expressions use, or null when the property cannot be named.</summary>
    public static string? Escape(string property)
    {
        if (property.Length == 0 || !(char.IsAsciiLetter(property[0]) || property[0] is '_' or '.' or '-' or '/'))
        {
            return null;
        }

        if (Reserved.Contains(property))
        {
            return $"__{property}__";
        }

        var text = new StringBuilder(property.Length);
        for (var i = 0; i < property.Length;)
        {
            var symbol = Array.Find(Symbols, s => string.CompareOrdinal(property, i, s.Plain, 0, s.Plain.Length) == 0);
            if (symbol.Plain is null && !char.IsAsciiLetterOrDigit(property[i]) && property[i] != '_')
            {
                return null;
            }

            text.Append(symbol.Escaped ?? property[i].ToString());
            i += symbol.Plain?.Length ?? 1;
        }

        return text.ToString();
    }

    /// <summary>The property of a name in an expression, or null when the name is no escaped form.</summary>
    public static string? Unescape(string name)
    {
        if (name.Length > 4 && name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) && Reserved.Contains(name[2..^2]))
        {
            return name[2..^2];
        }

        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length;)
        {
            if (string.CompareOrdinal(name, i, "__", 0, 2) != 0)
            {
                text.Append(name[i++]);
                continue;
            }

            var symbol = Array.Find(Symbols, s => string.CompareOrdinal(name, i, s.Escaped, 0, s.Escaped.Length) == 0);
            if (symbol.Escaped is null)
            {
                return null;
            }

            text.Append(symbol.Plain);
            i += symbol.Escaped.Length;
        }

        return text.ToString();
    }
}
