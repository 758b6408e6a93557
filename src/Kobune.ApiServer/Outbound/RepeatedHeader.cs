using System.Text;

namespace Kobune.ApiServer.Outbound;

/// <summary>
/// A request header that stands on several lines of HTTP/1.1. .NET's client joins the values of a header with commas, but Go's servers take each line as one value, so
/// that a user in two groups would be in one of a strange name. The values travel as one text, which the connection's encoding breaks into lines.
/// </summary>
public static class RepeatedHeader
{
    private const char Break = '\uE000'; // of the private use area: in no name of Kubernetes

    /// <summary>The values as one, for a request of HTTP/1.1 over a connection that uses <see cref="EncodingFor"/>.</summary>
    /// <exception cref="FormatException">A value cannot stand in a header: it would become another one.</exception>
    public static string Join(IEnumerable<string> values) => string.Join(Break, values.Select(v => v.AsSpan().ContainsAny("\r\n\0\uE000") ? throw new FormatException("a user, group or extra value contains characters that cannot stand in a header") : v));

    /// <summary>For SocketsHttpHandler.RequestHeaderEncodingSelector.</summary>
    public static Encoding EncodingFor(string header) => new Lines(header);

    private sealed class Lines(string header) : Encoding
    {
        public override int GetByteCount(char[] chars, int index, int count) => UTF8.GetByteCount(Text(chars, index, count));

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => UTF8.GetBytes(Text(chars, charIndex, charCount), bytes.AsSpan(byteIndex));

        public override int GetCharCount(byte[] bytes, int index, int count) => UTF8.GetCharCount(bytes, index, count);

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => UTF8.GetChars(bytes, byteIndex, byteCount, chars, charIndex);

        public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount * (header.Length + 4));

        public override int GetMaxCharCount(int byteCount) => UTF8.GetMaxCharCount(byteCount);

        private string Text(char[] chars, int index, int count) => new string(chars, index, count).Replace(Break.ToString(), $"\r\n{header}: ", StringComparison.Ordinal);
    }
}
