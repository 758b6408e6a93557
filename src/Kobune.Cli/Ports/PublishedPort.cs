using System.Globalization;
using System.Net;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Ports;

/// <summary>A port of the node on the computer itself, as docker's -p writes it: "127.0.0.1:8080:30080/tcp".</summary>
/// <param name="Protocol">tcp or udp.</param>
/// <param name="Host">Where the computer listens.</param>
/// <param name="Target">The node's port.</param>
internal sealed record PublishedPort(string Protocol, IPEndPoint Host, int Target)
{
    /// <summary>
    /// Reads [address:][port:]port[/protocol]; port may be a range, "8000-8010:30000-30010". Without an address all addresses are meant, without a
    /// host port the same number (docker would take a random one, which nobody could know before).
    /// </summary>
    public static IReadOnlyList<PublishedPort> Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        var words = SplitAddress(slash < 0 ? text : text[..slash], out var address);
        var target = Range(words[^1], text);
        var host = words.Length == 2 && words[0].Length > 0 ? Range(words[0], text) : target;
        if (protocol is not ("tcp" or "udp") || words.Length > 2 || host.Count != target.Count)
        {
            throw Bad(text);
        }

        return [.. host.Zip(target, (h, t) => new PublishedPort(protocol, new(address ?? throw Bad(text), h), t))];
    }

    /// <summary>The same on a command line.</summary>
    public override string ToString() => $"{Host}:{Target}/{Protocol}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static PublishedPort Read(string text)
    {
        var slash = text.LastIndexOf('/');
        var colon = text.LastIndexOf(':');
        return new(text[(slash + 1)..], IPEndPoint.Parse(text[..colon]), int.Parse(text[(colon + 1)..slash], CultureInfo.InvariantCulture));
    }

    private static string[] SplitAddress(string text, out IPAddress? address)
    {
        address = IPAddress.Any;
        if (text.StartsWith('[') && text.IndexOf("]:", StringComparison.Ordinal) is > 0 and var end)
        {
            address = IPAddress.TryParse(text[1..end], out var v6) ? v6 : null;
            return text[(end + 2)..].Split(':');
        }

        var words = text.Split(':');
        if (words.Length == 3)
        {
            address = words[0].Length == 0 ? IPAddress.Any : IPAddress.TryParse(words[0], out var v4) ? v4 : null;
            return words[1..];
        }

        return words;
    }

    private static List<int> Range(string word, string text)
    {
        var ends = word.Split('-');
        return ends.Length <= 2 && Port(ends[0]) is { } first && Port(ends[^1]) is { } last && first <= last ? [.. Enumerable.Range(first, last - first + 1)] : throw Bad(text);
    }

    private static int? Port(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port : null;

    private static CliException Bad(string text) => new(Reason.Usage, Message.BadValue, text, "--ports");
}
