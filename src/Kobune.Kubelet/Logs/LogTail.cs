using System.Buffers;
using System.Text;

namespace Kobune.Kubelet.Logs;

/// <summary>Where the last lines of a file begin.</summary>
internal static class LogTail
{
    private const int Block = 16 * 1024;

    /// <summary>The offset of the last n lines; a last line without an end counts.</summary>
    internal static long Offset(Stream stream, long lines)
    {
        if (lines == 0)
        {
            return stream.Length;
        }

        var buffer = new byte[Block];
        var right = stream.Length;
        var seen = 0L;
        var end = right;
        while (right > 0)
        {
            var left = Math.Max(0, right - Block);
            stream.Position = left;
            var got = stream.ReadAtLeast(buffer.AsSpan(0, (int)(right - left)), (int)(right - left), throwOnEndOfStream: false);
            for (var i = got - 1; i >= 0; i--)
            {
                // The newline that ends the file ends its last line; it begins none.
                if (buffer[i] == (byte)'\n' && left + i != end - 1 && ++seen == lines)
                {
                    return left + i + 1;
                }
            }

            right = left;
        }

        return 0;
    }

    /// <summary>The text of the last lines of a CRI log, at most so many bytes; empty when it cannot be read.</summary>
    internal static string Text(string path, int lines, int maxBytes)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Position = Offset(stream, lines);
            var text = new ArrayBufferWriter<byte>();
            using var reader = new MemoryStream();
            stream.CopyTo(reader);
            var rest = reader.GetBuffer().AsSpan(0, (int)reader.Length);
            while (!rest.IsEmpty)
            {
                var newline = rest.IndexOf((byte)'\n');
                var line = newline < 0 ? rest : rest[..newline];
                rest = newline < 0 ? [] : rest[(newline + 1)..];
                if (CriLogLine.TryParse(line, out var parsed))
                {
                    text.Write(parsed.Text);
                    if (!parsed.IsPartial)
                    {
                        text.Write("\n"u8);
                    }
                }
            }

            var written = text.WrittenSpan;
            return Encoding.UTF8.GetString(written.Length > maxBytes ? written[^maxBytes..] : written);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
