using System.Globalization;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>A semantic version (semver.org 2.0.0), with the words of the library that upstream reads it with.</summary>
internal sealed class CelSemver : CelLibraryObject
{
    public static readonly CelType SemverType = CelType.Struct("kubernetes.Semver");
    private readonly string[] _prerelease;
    private readonly string _text;

    private CelSemver(string text, ulong[] numbers, string[] prerelease)
        : base(SemverType)
    {
        _text = text;
        (Major, Minor, Patch) = (numbers[0], numbers[1], numbers[2]);
        _prerelease = prerelease;
    }

    public ulong Major { get; }

    public ulong Minor { get; }

    public ulong Patch { get; }

    public static CelSemver? Parse(string text, out string problem)
    {
        problem = text.Length == 0 ? "Version string empty" : "";
        var parts = text.Split('.', 3);
        if (text.Length > 0 && parts.Length != 3)
        {
            problem = "No Major.Minor.Patch elements found";
        }

        if (problem.Length > 0)
        {
            return null;
        }

        var plus = parts[2].IndexOf('+', StringComparison.Ordinal);
        var build = plus < 0 ? [] : parts[2][(plus + 1)..].Split('.');
        var rest = plus < 0 ? parts[2] : parts[2][..plus];
        var dash = rest.IndexOf('-', StringComparison.Ordinal);
        var prerelease = dash < 0 ? [] : rest[(dash + 1)..].Split('.');
        string[] numbers = [parts[0], parts[1], dash < 0 ? rest : rest[..dash]];
        problem = Number("Major", "major", numbers[0]) ?? Number("Minor", "minor", numbers[1]) ?? Number("Patch", "patch", numbers[2])
            ?? prerelease.Select(Prerelease).FirstOrDefault(p => p is not null) ?? build.Select(Build).FirstOrDefault(p => p is not null) ?? "";
        return problem.Length > 0 ? null : new(text, Array.ConvertAll(numbers, n => ulong.Parse(n, CultureInfo.InvariantCulture)), prerelease);
    }

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

    internal override int? CompareWith(CelValue other)
    {
        if (other is not CelSemver version)
        {
            return null;
        }

        var order = (Major, Minor, Patch).CompareTo((version.Major, version.Minor, version.Patch));
        return order != 0 ? order : Compare(_prerelease, version._prerelease);
    }

    /// <summary>A version without a prerelease comes after those with one; numbers come before words.</summary>
    private static int Compare(string[] a, string[] b)
    {
        if (a.Length == 0 || b.Length == 0)
        {
            return b.Length.CompareTo(a.Length) is var empty && empty != 0 ? (a.Length == 0 ? 1 : -1) : 0;
        }

        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            var (x, y) = (IsNumber(a[i]), IsNumber(b[i]));
            var order = x && y ? ulong.Parse(a[i], CultureInfo.InvariantCulture).CompareTo(ulong.Parse(b[i], CultureInfo.InvariantCulture)) : x != y ? (x ? -1 : 1) : string.CompareOrdinal(a[i], b[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return a.Length.CompareTo(b.Length);
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    private static string? Number(string name, string lower, string text) => !IsNumber(text)
        ? $"Invalid character(s) found in {lower} number {GoText.Quote(text)}"
        : text.Length > 1 && text[0] == '0' ? $"{name} number must not contain leading zeroes {GoText.Quote(text)}"
        : ulong.TryParse(text, CultureInfo.InvariantCulture, out _) ? null : $"strconv.ParseUint: parsing {GoText.Quote(text)}: value out of range";

    private static string? Prerelease(string text) => text.Length == 0 ? "Prerelease is empty"
        : IsNumber(text) ? (text.Length > 1 && text[0] == '0' ? $"Numeric PreRelease version must not contain leading zeroes {GoText.Quote(text)}"
            : ulong.TryParse(text, CultureInfo.InvariantCulture, out _) ? null : $"strconv.ParseUint: parsing {GoText.Quote(text)}: value out of range")
        : IsWord(text) ? null : $"Invalid character(s) found in prerelease {GoText.Quote(text)}";

    private static string? Build(string text) => text.Length == 0 ? "Build meta data is empty" : IsWord(text) ? null : $"Invalid character(s) found in build meta data {GoText.Quote(text)}";

    private static bool IsWord(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
