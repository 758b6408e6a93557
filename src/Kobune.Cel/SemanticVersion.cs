using System.Globalization;
using Kobune.Cel.Values;

namespace Kobune.Cel;

/// <summary>A version as semver.org 2.0.0 has it, with its order and with the words of the library that upstream reads it with (github.com/blang/semver). What is built from it does not count.</summary>
public sealed class SemanticVersion
{
    private readonly string[] _prerelease;

    private SemanticVersion(ulong major, ulong minor, ulong patch, string[] prerelease) => (Major, Minor, Patch, _prerelease) = (major, minor, patch, prerelease);

    /// <summary>0.0.0.</summary>
    public static SemanticVersion Zero { get; } = new(0, 0, 0, []);

    /// <summary>The first number.</summary>
    public ulong Major { get; }

    /// <summary>The second number.</summary>
    public ulong Minor { get; }

    /// <summary>The third number.</summary>
    public ulong Patch { get; }

    /// <summary>"1.2.3-beta.1+build"; null when it is none, and what is wrong with it.</summary>
    public static SemanticVersion? Parse(string text, out string problem)
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
        return problem.Length > 0 ? null : new(Value(numbers[0]), Value(numbers[1]), Value(numbers[2]), prerelease);
    }

    /// <summary>The version; null when the text is none.</summary>
    public static SemanticVersion? Parse(string text) => Parse(text, out _);

    /// <summary>Which of two comes first.</summary>
    public int CompareTo(SemanticVersion other)
    {
        var order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        if (order != 0 || _prerelease.Length == 0 || other._prerelease.Length == 0)
        {
            return order != 0 ? order : other._prerelease.Length.CompareTo(_prerelease.Length); // a release comes after what is before it
        }

        order = _prerelease.Zip(other._prerelease, Compare).FirstOrDefault(o => o != 0);
        return order != 0 ? order : _prerelease.Length.CompareTo(other._prerelease.Length);
    }

    /// <summary>Numbers by value, and before words.</summary>
    private static int Compare(string one, string two) => (IsNumber(one), IsNumber(two)) switch
    {
        (true, true) => Value(one).CompareTo(Value(two)),
        (true, false) => -1,
        (false, true) => 1,
        _ => string.CompareOrdinal(one, two),
    };

    private static ulong Value(string number) => ulong.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);

    private static bool IsNumber(string text) => text.Length > 0 && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    private static string? Number(string name, string lower, string text) => !IsNumber(text)
        ? $"Invalid character(s) found in {lower} number {GoText.Quote(text)}"
        : text.Length > 1 && text[0] == '0' ? $"{name} number must not contain leading zeroes {GoText.Quote(text)}"
        : Range(text);

    private static string? Range(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? null : $"strconv.ParseUint: parsing {GoText.Quote(text)}: value out of range";

    private static string? Prerelease(string text) => text.Length == 0 ? "Prerelease is empty"
        : IsNumber(text) ? (text.Length > 1 && text[0] == '0' ? $"Numeric PreRelease version must not contain leading zeroes {GoText.Quote(text)}" : Range(text))
        : IsWord(text) ? null : $"Invalid character(s) found in prerelease {GoText.Quote(text)}";

    private static string? Build(string text) => text.Length == 0 ? "Build meta data is empty" : IsWord(text) ? null : $"Invalid character(s) found in build meta data {GoText.Quote(text)}";

    private static bool IsWord(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
