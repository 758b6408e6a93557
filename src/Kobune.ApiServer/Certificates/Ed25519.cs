using System.Numerics;
using System.Security.Cryptography;

namespace Kobune.ApiServer.Certificates;

/// <summary>Verifies Ed25519 signatures (RFC 8032), which the framework has no class for. It handles public values only, so that its time may depend on them.</summary>
internal static class Ed25519
{
    private const int Size = 32;

    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly Point Base = Decompress(Bytes(Mod(4 * Inverse(5))))!.Value;

    /// <summary>Whether the holder of a key (32 bytes) made a signature (64 bytes) of a message.</summary>
    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (key.Length != Size || signature.Length != 2 * Size || Decompress(key) is not { } holder)
        {
            return false;
        }

        var scalar = new BigInteger(signature[Size..], isUnsigned: true);
        if (scalar >= Order)
        {
            return false; // another writing of a good signature is none
        }

        byte[] hashed = [.. signature[..Size], .. key, .. message];
        var challenge = new BigInteger(SHA512.HashData(hashed), isUnsigned: true) % Order;
        var commitment = Times(Base, scalar).Plus(Times(holder.Negated(), challenge));
        return signature[..Size].SequenceEqual(commitment.Compressed());
    }

    private static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(value, P - 2, P);

    private static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[Size];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private static Point? Decompress(ReadOnlySpan<byte> bytes)
    {
        byte[] own = [.. bytes];
        var isOdd = own[^1] >> 7 == 1;
        own[^1] &= 0x7f;
        var y = Mod(new BigInteger(own, isUnsigned: true));
        var square = Mod((y * y - 1) * Inverse(Mod(D * y * y + 1)));
        var x = BigInteger.ModPow(square, (P + 3) / 8, P);
        if (Mod(x * x) != square)
        {
            x = Mod(x * RootOfMinusOne);
        }

        if (Mod(x * x) != square)
        {
            return null;
        }

        x = x.IsEven == isOdd ? Mod(-x) : x;
        return new(x, y, 1, Mod(x * y));
    }

    private static Point Times(Point point, BigInteger scalar)
    {
        var result = new Point(0, 1, 1, 0);
        for (var bit = (int)scalar.GetBitLength() - 1; bit >= 0; bit--)
        {
            result = result.Plus(result);
            result = ((scalar >> bit) & 1) == 1 ? result.Plus(point) : result;
        }

        return result;
    }

    /// <summary>Extended coordinates: x = X/Z, y = Y/Z, T = XY/Z.</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T)
    {
        public Point Plus(Point other)
        {
            var (a, b) = (Mod((Y - X) * (other.Y - other.X)), Mod((Y + X) * (other.Y + other.X)));
            var (c, d) = (Mod(2 * D * T * other.T), Mod(2 * Z * other.Z));
            var (e, f, g, h) = (b - a, d - c, d + c, b + a);
            return new(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
        }

        public Point Negated() => new(Mod(-X), Y, Z, Mod(-T));

        public byte[] Compressed()
        {
            var inverse = Inverse(Z);
            var bytes = Bytes(Mod(Y * inverse));
            bytes[^1] |= Mod(X * inverse).IsEven ? (byte)0 : (byte)0x80;
            return bytes;
        }
    }
}
