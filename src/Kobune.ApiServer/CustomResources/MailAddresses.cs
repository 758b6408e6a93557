using System.Text.RegularExpressions;

namespace Kobune.ApiServer.CustomResources;

/// <summary>One address of a letter, alone or in angle brackets behind a name. Source: Go's net/mail (ParseAddress): RFC 5322 without comments.</summary>
internal static partial class MailAddresses
{
    private const string Atom = @"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\uffff]+";
    private const string DotAtom = Atom + @"(?:\." + Atom + ")*";
    private const string Quoted = """
        "(?:[^"\\\r\n]|\\.)*"
        """;
    private const string Address = "(?:" + DotAtom + "|" + Quoted + @")@(?:" + DotAtom + @"|\[[^\[\]\\]*\])";
    private const string Name = "(?:(?:" + Atom + "|" + Quoted + @")(?:[ \t.]+(?:" + Atom + "|" + Quoted + ")?)*)?";

    public static bool IsOne(string text) => Form().IsMatch(text);

    [GeneratedRegex(@"\A[ \t]*(?:" + Address + "|" + Name + @"[ \t]*<[ \t]*" + Address + @"[ \t]*>)[ \t]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
