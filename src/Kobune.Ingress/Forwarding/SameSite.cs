using System.Text.RegularExpressions;

namespace Kobune.Ingress.Forwarding;

/// <summary>Browsers that refuse a cookie with SameSite=None or read it as Strict (the list that the Chromium project published).</summary>
internal static partial class SameSite
{
    public static bool IsMisunderstoodBy(string userAgent) => Misunderstands().IsMatch(userAgent);

    [GeneratedRegex(@"\(iP.+; CPU .*OS 12[_\d]*.*\) AppleWebKit/|\(Macintosh;.*Mac OS X 10_14[_\d]*.*\) AppleWebKit.*Version/.* Safari/|Chrom[^ /]+/(5[1-9]|6[0-6])\.|UCBrowser/(\d|1[01]|12\.([0-9]|1[0-2])|12\.13\.[01])\.", RegexOptions.CultureInvariant)]
    private static partial Regex Misunderstands();
}
