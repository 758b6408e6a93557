using System.Text;

namespace Kobune.ApiServer.Http;

/// <summary>Warnings as values of the header Warning. Source: k8s.io/apiserver, endpoints/filters/warning.go, and k8s.io/apimachinery, util/net/http.go.</summary>
internal static class WarningHeaders
{
    private const int MostInAll = 4 * 1024;
    private const int MostOfOne = 256;

    /// <summary>
    /// One value for each warning that a header can hold: those with control characters are left out. When all together are too long, each is cut, and those after
    /// the limit are left out.
    /// </summary>
    public static IEnumerable<string> Of(IEnumerable<string> warnings)
    {
        var shown = warnings.Where(w => w.Length > 0).ToArray();
        if (shown.Where(w => !HasControls(w)).Sum(Length) > MostInAll)
        {
            shown = Cut(shown);
        }

        return shown.Where(w => !HasControls(w)).Select(w => $"299 - {Quote(w)}");
    }

    /// <summary>Cut to the limit of one; all that were known when the limit of all was passed stay, of the later ones as many as fit.</summary>
    private static string[] Cut(string[] warnings)
    {
        var (written, known) = (0, 0);
        while (known < warnings.Length && written <= MostInAll)
        {
            written += HasControls(warnings[known]) ? 0 : Length(warnings[known]);
            known++;
        }

        var cut = warnings.Take(known).Select(Cut).ToList();
        written = cut.Where(w => !HasControls(w)).Sum(Length);
        foreach (var warning in warnings.Skip(known))
        {
            if (written >= MostInAll)
            {
                break;
            }

            cut.Add(Cut(warning));
            written += HasControls(cut[^1]) ? 0 : Length(cut[^1]);
        }

        return [.. cut];
    }

    private static string Cut(string warning) => Length(warning) <= MostOfOne ? warning : string.Concat(warning.EnumerateRunes().Take(MostOfOne));

    private static int Length(string warning) => warning.EnumerateRunes().Count();

    private static bool HasControls(string warning) => warning.Any(char.IsControl);

    private static string Quote(string warning) =>
        $"\"{warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
