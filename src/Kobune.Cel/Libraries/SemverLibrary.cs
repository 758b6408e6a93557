using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' semantic versions, with the second argument that makes short ones and those with a "v" whole.</summary>
internal static class SemverLibrary
{
    private static readonly CelType V = CelSemver.SemverType;

    public static readonly CelLibrary Library = new LibraryBuilder("semver")
        .Type(V.Name, V)
        .Global("semver", "string_to_semver", [CelType.String], V, a => Parse(a[0].Text(), normalize: false))
        .Global("semver", "string_bool_to_semver", [CelType.String, CelType.Bool], V, a => Parse(a[0].Text(), ((CelBool)a[1]).Value))
        .Global("isSemver", "is_semver_string", [CelType.String], CelType.Bool, a => Bool(CelSemver.Parse(a[0].Text(), out _) is not null))
        .Global("isSemver", "is_semver_string_bool", [CelType.String, CelType.Bool], CelType.Bool, a => Bool(!Parse(a[0].Text(), ((CelBool)a[1]).Value).IsError))
        .Member("isLessThan", "semver_is_less_than", [V, V], CelType.Bool, a => Bool(a[0].CompareWith(a[1]) < 0))
        .Member("isGreaterThan", "semver_is_greater_than", [V, V], CelType.Bool, a => Bool(a[0].CompareWith(a[1]) > 0))
        .Member("compareTo", "semver_compare_to", [V, V], CelType.Int, a => CelInt.Of(Math.Sign(a[0].CompareWith(a[1])!.Value)))
        .Member("major", "semver_major", [V], CelType.Int, a => CelInt.Of((long)((CelSemver)a[0]).Version.Major))
        .Member("minor", "semver_minor", [V], CelType.Int, a => CelInt.Of((long)((CelSemver)a[0]).Version.Minor))
        .Member("patch", "semver_patch", [V], CelType.Int, a => CelInt.Of((long)((CelSemver)a[0]).Version.Patch))
        .Build();

    private static CelValue Parse(string text, bool normalize)
    {
        string? problem = null;
        if (normalize)
        {
            (text, problem) = CelSemver.Normalize(text);
        }

        return problem is null ? CelSemver.Parse(text, out problem) ?? (CelValue)Error(problem) : Error(problem);
    }
}
