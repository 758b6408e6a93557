using System.Text;

namespace Kobune.Kubelet.Containers;

/// <summary>A file of variables that a container wrote, of which others take theirs (kubelet/util/env): lines of NAME='value', and no other syntax.</summary>
internal static class EnvFile
{
    /// <summary>A line of so many bytes or more is none: what a container writes is read on the node.</summary>
    internal const int LongestLine = 64 * 1024;

    /// <summary>
    /// The first value of a variable, empty when there is none. Values are taken as they are and may have more than one line; what comes after the
    /// variable is not looked at.
    /// </summary>
    /// <exception cref="FormatException">A line before it has another form.</exception>
    internal static string Find(Stream file, string name)
    {
        using var lines = Lines(file).GetEnumerator();
        for (var number = 1; lines.MoveNext(); number++)
        {
            var line = lines.Current.TrimStart(' ', '\t');
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || line[equals - 1] is ' ' or '\t')
            {
                throw new FormatException($"line {number} does not begin with a name and '='");
            }

            // As in a shell, a name that a space follows is set to nothing.
            var isEmpty = equals + 1 < line.Length && line[equals + 1] is ' ' or '\t';
            var value = isEmpty ? "" : Value(line[(equals + 1)..], lines, ref number);
            if (line.AsSpan(0, equals).SequenceEqual(name))
            {
                return value;
            }
        }

        return "";
    }

    /// <summary>What is between the quotes; reads on where they are not closed.</summary>
    private static string Value(string text, IEnumerator<string> lines, ref int number)
    {
        if (text is not ['\'', ..])
        {
            throw new FormatException($"line {number} has a value without single quotes");
        }

        var value = new StringBuilder();
        var rest = text[1..];
        for (var start = number; ;)
        {
            if (rest.IndexOf('\'', StringComparison.Ordinal) is >= 0 and var end)
            {
                return rest[(end + 1)..].TrimStart(' ', '\t') is "" or ['#', ..] ? value.Append(rest, 0, end).ToString()
                    : throw new FormatException($"line {number} goes on after its value");
            }

            value.Append(rest).Append('\n');
            if (!lines.MoveNext())
            {
                throw new FormatException($"the value of line {start} has no end");
            }

            rest = lines.Current;
            number++;
        }
    }

    private static IEnumerable<string> Lines(Stream file)
    {
        using var buffered = new BufferedStream(file);
        var line = new List<byte>();
        for (var at = buffered.ReadByte(); at >= 0; at = buffered.ReadByte())
        {
            if (at == '\n')
            {
                yield return Text(line);
                line.Clear();
                continue;
            }

            line.Add((byte)at);
            if (line.Count >= LongestLine)
            {
                throw new FormatException("a line is too long");
            }
        }

        if (line.Count > 0)
        {
            yield return Text(line);
        }
    }

    private static string Text(List<byte> line) => Encoding.UTF8.GetString([.. line is [.., (byte)'\r'] ? line[..^1] : line]);
}
