using System.Globalization;

namespace Kobune.Kubelet.Logs;

/// <summary>One line of a CRI log: "2026-01-02T03:04:05.000000006Z stdout F text". P marks a line that goes on in the next one.</summary>
internal readonly ref struct CriLogLine
{
    private CriLogLine(ReadOnlySpan<byte> time, bool error, bool partial, ReadOnlySpan<byte> text)
    {
        Timestamp = time;
        IsError = error;
        IsPartial = partial;
        Text = text;
    }

    /// <summary>RFC 3339 with nanoseconds, as written.</summary>
    internal ReadOnlySpan<byte> Timestamp { get; }

    internal bool IsError { get; }

    internal bool IsPartial { get; }

    /// <summary>The text without the line's end.</summary>
    internal ReadOnlySpan<byte> Text { get; }

    internal DateTimeOffset Time => DateTimeOffset.TryParse(System.Text.Encoding.ASCII.GetString(Timestamp), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default;

    /// <summary>Parses one line without its newline. False when it is no line of this format.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> line, out CriLogLine parsed)
    {
        parsed = default;
        var a = line.IndexOf((byte)' ');
        if (a < 20)
        {
            return false;
        }

        var rest = line[(a + 1)..];
        var error = rest.StartsWith("stderr "u8);
        if (!error && !rest.StartsWith("stdout "u8))
        {
            return false;
        }

        rest = rest[7..];
        var space = rest.IndexOf((byte)' ');
        var tags = space < 0 ? rest : rest[..space];
        if (tags.Length == 0 || tags[0] is not ((byte)'F' or (byte)'P'))
        {
            return false;
        }

        parsed = new(line[..a], error, tags[0] == (byte)'P', space < 0 ? [] : rest[(space + 1)..]);
        return true;
    }
}
