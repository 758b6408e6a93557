using System.Text;

namespace Kobune.Api.Selectors;

/// <summary>One term of a field selector: field path, equal or not, value.</summary>
public readonly record struct FieldRequirement(string Field, bool Equal, string Value);

/// <summary>A field selector ("metadata.name=a,status.phase!=Running"): all terms must hold. Source: k8s.io/apimachinery, fields.</summary>
public sealed class FieldSelector
{
    private FieldSelector(IReadOnlyList<FieldRequirement> requirements)
    {
        Requirements = requirements;
    }

    /// <summary>Matches every object.</summary>
    public static FieldSelector Everything { get; } = new([]);

    /// <summary>The terms, in the order given.</summary>
    public IReadOnlyList<FieldRequirement> Requirements { get; }

    /// <summary>Whether it lets everything through.</summary>
    public bool IsEverything => Requirements.Count == 0;

    /// <summary>Whether an object meets all terms; <paramref name="valueOf"/> gives the text of a field, empty when absent.</summary>
    public bool Matches(Func<string, string> valueOf)
    {
        foreach (var requirement in Requirements)
        {
            if (string.Equals(valueOf(requirement.Field), requirement.Value, StringComparison.Ordinal) != requirement.Equal)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The value that a field must have, or null when the selector does not pin it.</summary>
    public string? ExactValue(string field)
    {
        foreach (var requirement in Requirements)
        {
            if (requirement.Equal && requirement.Field == field)
            {
                return requirement.Value;
            }
        }

        return null;
    }

    /// <summary>Parses a fieldSelector query parameter; in values '\' escapes ',', '=' and itself.</summary>
    /// <exception cref="FormatException">With upstream's message.</exception>
    public static FieldSelector Parse(string text)
    {
        var requirements = new List<FieldRequirement>();
        foreach (var term in Split(text).Order(StringComparer.Ordinal))
        {
            if (term.Length == 0)
            {
                continue;
            }

            var requirement = Term(term, text);
            if (requirement is not { Field: "", Value: "" }) // "=" asks for nothing
            {
                requirements.Add(requirement);
            }
        }

        return requirements.Count == 0 ? Everything : new(requirements);
    }

    /// <summary>Builds from terms.</summary>
    public static FieldSelector Of(IEnumerable<FieldRequirement> requirements) => new([.. requirements]);

    /// <summary>Upstream's text form.</summary>
    public override string ToString() => string.Join(',', Requirements.Select(r => $"{r.Field}{(r.Equal ? "=" : "!=")}{Escape(r.Value)}"));

    private static FieldRequirement Term(string term, string whole)
    {
        for (var i = 0; i < term.Length; i++)
        {
            var (length, equal) = term.AsSpan(i) switch
            {
                ['!', '=', ..] => (2, false),
                ['=', '=', ..] => (2, true),
                ['=', ..] => (1, true),
                _ => (0, false),
            };
            if (length > 0)
            {
                return new(term[..i], equal, Unescape(term[(i + length)..]));
            }
        }

        throw new FormatException($"invalid selector: '{whole}'; can't understand '{term}'");
    }

    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static string Unescape(string value)
    {
        if (value.AsSpan().IndexOfAny('\\', '=', ',') < 0)
        {
            return value;
        }

        var result = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '\\')
            {
                if (i + 1 >= value.Length || value[i + 1] is not ('\\' or ',' or '='))
                {
                    throw new FormatException($"invalid field selector: invalid escape sequence: {value[i..Math.Min(i + 2, value.Length)]}");
                }

                c = value[++i];
            }
            else if (c is '=' or ',')
            {
                throw new FormatException($"invalid field selector: unescaped character in value: {(int)c}");
            }

            result.Append(c);
        }

        return result.ToString();
    }

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);
}
