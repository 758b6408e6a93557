using System.Net;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Addons;

/// <summary>How the settings of an addon are asked for and checked.</summary>
/// <param name="Questions">What a user is asked.</param>
/// <param name="Keys">The answers' keys in a configuration file.</param>
/// <param name="Join">Makes the settings text from the answers.</param>
/// <param name="Check">Throws when a settings text is wrong.</param>
internal sealed record AddonSettings(IReadOnlyList<Message> Questions, IReadOnlyList<string> Keys, Func<IReadOnlyList<string>, string> Join, Action<string> Check)
{
    private static readonly Dictionary<string, AddonSettings> All = new(StringComparer.Ordinal)
    {
        ["metallb"] = new([Message.AskFirstAddress, Message.AskLastAddress], ["loadBalancerStartIP", "loadBalancerEndIP"], a => $"{a[0].Trim()}-{a[1].Trim()}", CheckRanges),
        ["registry-aliases"] = new([Message.AskAliases], ["registryAliases"], a => a[0].Trim(), CheckNames),
        ["ingress"] = new([Message.AskCertificate], ["customCert"], a => a[0].Trim(), CheckCertificate),
    };

    /// <summary>The settings of an addon; null when it has none.</summary>
    public static AddonSettings? For(string addon) => All.GetValueOrDefault(addon);

    // One range a line or separated by commas: FIRST-LAST, a network or one address.
    private static void CheckRanges(string text)
    {
        var ranges = text.Split([',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (ranges.Length == 0 || !ranges.All(IsRange))
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", "metallb");
        }
    }

    private static bool IsRange(string range)
    {
        var ends = range.Split('-');
        return ends.Length == 2
            ? IPAddress.TryParse(ends[0], out var first) && IPAddress.TryParse(ends[1], out var last) && first.AddressFamily == last.AddressFamily
                && first.GetAddressBytes().AsSpan().SequenceCompareTo(last.GetAddressBytes()) <= 0
            : IPAddress.TryParse(range, out _) || IPNetwork.TryParse(range, out _);
    }

    private static void CheckNames(string text)
    {
        var names = text.Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0 || !names.All(n => Uri.CheckHostName(n) == UriHostNameType.Dns && n.Contains('.')))
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", "registry-aliases");
        }
    }

    private static void CheckCertificate(string text)
    {
        if (text.Length > 0 && text.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", "ingress");
        }
    }
}
