using System.Text;

namespace Kobune.ApiServer.Tests.Hostile;

/// <summary>Makes hostile inputs out of good ones: bytes turned, cut out, doubled and mixed, and the tokens that decoders trip over put in. The same seed makes the same inputs.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> samples)
{
    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "null", "true", "{}", "[]", "[[", "{\"", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "-0", "1e400", "-1e-400", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1.0000000000000000000001",
            "NaN", "0x7f", "1_000", "\ufeff", "\u0000", "\u2028", "&a *a", "!!binary", "? :", "---\n", "...\n", "<<: *a\n", "\t", "%YAML 9.9\n", "|+\n", "*", ",", ":", "=", "!", "(", ")", " in (", "notin", "a=b,a!=b",
            "metadata", "apiVersion", "kind", "creationTimestamp", "managedFields", "$patch", "$setElementOrder/containers", "$retainKeys", "$deleteFromPrimitiveList/finalizers", "99999999999999999999Gi", "1e1e1", "k8s\0",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0x0a, 0xff, 0x7f], [0x6b, 0x38, 0x73, 0x00],
        Encoding.UTF8.GetBytes(new string('[', 20_000)), Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 20_000))), Encoding.UTF8.GetBytes(new string('(', 2_000)), Encoding.UTF8.GetBytes(new string('9', 5_000)),
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next input: a sample with one to six changes.</summary>
    public byte[] Next()
    {
        var bytes = Pick().ToList();
        for (var changes = _random.Next(1, 7); changes > 0; changes--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    /// <summary>One of the things.</summary>
    public T OneOf<T>(params ReadOnlySpan<T> things) => things[_random.Next(things.Length)];

    private void Change(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        switch (_random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, _random.Next(1, 20)));
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at); // cut
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, _random.Next(1, 60)))); // doubled
                break;
            case 5:
                var other = Pick();
                var from = _random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, _random.Next(1, 60))).ToArray());
                break;
            default:
                var gone = _random.Next(3) == 0 ? Math.Min(bytes.Count - at, _random.Next(1, 8)) : 0;
                bytes.RemoveRange(at, gone);
                bytes.InsertRange(at, Tokens[_random.Next(Tokens.Length)]);
                break;
        }
    }

    private byte[] Pick() => samples[_random.Next(samples.Count)];
}
