using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>A semantic version as a value of an expression.</summary>
internal sealed class CelSemver : CelLibraryObject
{
    public static readonly CelType SemverType = CelType.Struct("kubernetes.Semver");
    private readonly string _text;

    private CelSemver(string text, SemanticVersion version)
        : base(SemverType)
    {
        (_text, Version) = (text, version);
    }

    public SemanticVersion Version { get; }

    public static CelSemver? Parse(string text, out string problem) => SemanticVersion.Parse(text, out problem) is { } version ? new(text, version) : null;

    /// <summary>Without "v" and leading zeros, and with all three numbers.</summary>
    public static (string Text, string? Problem) Normalize(string text)
    {
        text = text.StartsWith('v') ? text[1..] : text;
        var parts = text.Split('.', 3).ToList();
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Length > 1)
            {
                var trimmed = parts[i].TrimStart('0');
                parts[i] = trimmed.Length == 0 || !char.IsAsciiDigit(trimmed[0]) ? "0" + trimmed : trimmed;
            }
        }

        if (parts.Count < 3 && parts[^1].AsSpan().IndexOfAny('+', '-') >= 0)
        {
            return (text, "short version cannot contain PreRelease/Build meta data");
        }

        while (parts.Count < 3)
        {
            parts.Add("0");
        }

        return (string.Join('.', parts), null);
    }

    public override bool EqualTo(CelValue other) => CompareWith(other) == 0;

    public override string ToString() => _text;

    internal override int? CompareWith(CelValue other) => other is CelSemver semver ? Version.CompareTo(semver.Version) : null;
}
