using System.Globalization;
using System.Text.RegularExpressions;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>A version as semver.org has it, with its order; what is built from it does not count.</summary>
internal sealed partial class SemanticVersion
{
    private readonly ulong[] _core;
    private readonly string[] _before; // pre-release identifiers

    private SemanticVersion(ulong[] core, string[] before) => (_core, _before) = (core, before);

    public static SemanticVersion Zero { get; } = new([0, 0, 0], []);

    /// <summary>"1.2.3-beta.1+build"; null when it is none.</summary>
    public static SemanticVersion? TryParse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var core = new ulong[3];
        for (var i = 0; i < core.Length; i++)
        {
            if (!ulong.TryParse(match.Groups[i + 1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out core[i]))
            {
                return null;
            }
        }

        return new(core, match.Groups[4].Value.Split('.', StringSplitOptions.RemoveEmptyEntries));
    }

    public int CompareTo(SemanticVersion other)
    {
        var order = _core.Zip(other._core, (one, two) => one.CompareTo(two)).FirstOrDefault(o => o != 0);
        if (order != 0 || _before.Length == 0 || other._before.Length == 0)
        {
            return order != 0 ? order : other._before.Length.CompareTo(_before.Length); // a release comes after what is before it
        }

        order = _before.Zip(other._before, Compare).FirstOrDefault(o => o != 0);
        return order != 0 ? order : _before.Length.CompareTo(other._before.Length);
    }

    /// <summary>Numbers by value, and before words.</summary>
    private static int Compare(string one, string two) => (Number(one), Number(two)) switch
    {
        ({ } first, { } second) => first.CompareTo(second),
        ({ }, null) => -1,
        (null, { }) => 1,
        _ => string.CompareOrdinal(one, two),
    };

    private static ulong? Number(string identifier) => ulong.TryParse(identifier, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-((?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?\z", RegexOptions.None, 1000)]
    private static partial Regex Form();
}
