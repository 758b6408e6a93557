namespace Kobune.Cel.Schemas;

/// <summary>
/// Bytes as upstream reads them for rules: in the alphabet for addresses, though the format allows the other one too. Source: k8s.io/kube-openapi, validation/strfmt, Base64; Go's
/// encoding/base64.
/// </summary>
internal static class UrlBase64
{
    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Decodes a padded text; line breaks do not count.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">What it says.</param>
    /// <param name="wrong">Index of the first byte that cannot be.</param>
    public static bool TryDecode(string text, out byte[] bytes, out int wrong)
    {
        bytes = [];
        var plain = text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        var data = plain.TrimEnd('=');
        var padding = plain.Length - data.Length;
        wrong = data.AsSpan().IndexOfAnyExcept(Letters);
        if (wrong < 0 && (plain.Length % 4 != 0 || padding > 2))
        {
            wrong = padding > 2 ? data.Length : plain.Length / 4 * 4;
        }

        if (wrong >= 0)
        {
            wrong = System.Text.Encoding.UTF8.GetByteCount(plain.AsSpan(0, wrong));
            return false;
        }

        bytes = Convert.FromBase64String(plain.Replace('-', '+').Replace('_', '/'));
        return true;
    }
}
