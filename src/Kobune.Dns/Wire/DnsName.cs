using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Kobune.Dns.Wire;

/// <summary>
/// A domain name in its uncompressed wire form, with the spelling it came in (clients that randomise case want it back).
/// Equality ignores ASCII case, as RFC 4343 says.
/// </summary>
internal sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>Longest wire form, root label included.</summary>
    public const int MaxLength = 255;
    private const int MaxLabel = 63;
    private readonly byte[] _wire;
    private string? _key;

    private DnsName(byte[] wire) => _wire = wire;

    /// <summary>The root, ".".</summary>
    public static DnsName Root { get; } = new([0]);

    /// <summary>Length-prefixed labels and the root label at the end.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>Lower case without the final dot; bytes that are no plain name characters are written as \DDD. Empty for the root.</summary>
    public string Key => _key ??= Present(_wire, lower: true);

    /// <summary>Takes a wire form that was checked by the reader.</summary>
    public static DnsName FromWire(ReadOnlySpan<byte> wire) => wire.Length == 1 ? Root : new(wire.ToArray());

    /// <summary>Parses a presentation form; the final dot may be missing. Throws when it is no domain name.</summary>
    public static DnsName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"\"{text}\" is not a domain name");

    /// <summary>Parses names as Kubernetes objects spell them; escapes are not understood.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        text = text is [.. var head, '.'] ? head : text;
        if (text.IsEmpty)
        {
            name = Root;
            return true;
        }

        if (text.Length > MaxLength - 2)
        {
            return false;
        }

        var wire = new byte[text.Length + 2];
        var at = 0;
        foreach (var range in text.Split('.'))
        {
            var label = text[range];
            if (label.Length is 0 or > MaxLabel || !Ascii.IsValid(label))
            {
                return false;
            }

            wire[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, wire.AsSpan(at));
        }

        name = new(wire);
        return true;
    }

    /// <summary>Whether this name is <paramref name="zone"/> (a <see cref="Key"/>) or lies below it.</summary>
    public bool IsWithin(string zone) =>
        zone.Length == 0
        || Key == zone
        || (Key.Length > zone.Length && Key[Key.Length - zone.Length - 1] == '.' && Key.EndsWith(zone, StringComparison.Ordinal));

    public bool Equals(DnsName? other) => other is not null && Ascii.EqualsIgnoreCase(_wire, other._wire);

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <summary>Presentation form with the final dot.</summary>
    public override string ToString() => Present(_wire, lower: false) + ".";

    private static string Present(ReadOnlySpan<byte> wire, bool lower)
    {
        var text = new StringBuilder(wire.Length);
        for (var at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            if (at > 0)
            {
                text.Append('.');
            }

            foreach (var b in wire.Slice(at + 1, wire[at]))
            {
                Append(text, b, lower);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, byte b, bool lower)
    {
        var c = (char)b;
        if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '*' or '/')
        {
            text.Append(lower ? char.ToLowerInvariant(c) : c);
        }
        else
        {
            text.Append('\\').Append((char)('0' + (b / 100))).Append((char)('0' + (b / 10 % 10))).Append((char)('0' + (b % 10)));
        }
    }
}
