namespace Kobune.Storage.Revisions;

/// <summary>Orders keys by their UTF-8 bytes. UTF-16 ordinal order differs from it only where surrogates meet U+E000 and above.</summary>
internal static class KeyOrder
{
    public static int Compare(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length - right.Length;
        }

        return Rank(left[common]) - Rank(right[common]);
    }

    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
