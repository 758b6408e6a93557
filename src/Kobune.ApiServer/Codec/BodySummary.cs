using System.Text;

namespace Kobune.ApiServer.Codec;

/// <summary>The beginning of a body, for messages: as it is when it looks like JSON, else in hexadecimal.</summary>
internal static class BodySummary
{
    private const int Most = 30;

    public static string Of(ReadOnlySpan<byte> body)
    {
        var head = body.Length > Most ? body[..Most] : body;
        var text = head[0] == (byte)'{' ? Encoding.UTF8.GetString(head) : Convert.ToHexStringLower(head);
        return body.Length > Most ? $"{text} ..." : text;
    }
}
