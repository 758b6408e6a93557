using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' find and findAll.</summary>
internal static class RegexLibrary
{
    private static readonly CelType S = CelType.String;
    private static readonly CelType Strings = CelType.List(CelType.String);

    public static readonly CelLibrary Library = new LibraryBuilder("regex")
        .Member("find", "string_find_string", [S, S], S, a => Find(a[0].Text(), a[1].Text()))
        .Member("findAll", "string_find_all_string", [S, S], Strings, a => FindAll(a[0].Text(), a[1].Text(), -1))
        .Member("findAll", "string_find_all_string_int", [S, S, CelType.Int], Strings, a => FindAll(a[0].Text(), a[1].Text(), a[2].Int()))
        .Build();

    private static CelValue Find(string text, string pattern) => Re2Pattern.Compile(pattern) is { } regex ? Text(regex.Match(text).Value) : Illegal(pattern);

    private static CelValue FindAll(string text, string pattern, long limit)
    {
        if (Re2Pattern.Compile(pattern) is not { } regex)
        {
            return Illegal(pattern);
        }

        var found = new List<CelValue>();
        var end = -1;
        for (var match = regex.Match(text); match.Success && (limit < 0 || found.Count < limit); match = match.NextMatch())
        {
            // Go leaves out an empty match right behind another one.
            if (match.Length > 0 || match.Index != end)
            {
                found.Add(new CelString(match.Value));
            }

            end = match.Index + match.Length;
        }

        return CelList.Of(found);
    }

    private static CelError Illegal(string pattern) => Error($"Illegal regex: {Re2Pattern.Problem(pattern)}");
}
