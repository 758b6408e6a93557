using System.Numerics;
using System.Security.Cryptography;

namespace Kobune.ApiServer.Certificates;

/// <summary>Verifies RSA signatures with PSS (RFC 8017, 9.1.2), SHA-256 and a salt of any length, as Go does by default; the framework wants to know the length before.</summary>
internal static class PssSignature
{
    private const int HashSize = SHA256.HashSizeInBytes;

    public static bool Verify(RSAParameters key, ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        var modulus = new BigInteger(key.Modulus, isUnsigned: true, isBigEndian: true);
        var bits = (int)modulus.GetBitLength() - 1;
        var encoded = new byte[(bits + 7) / 8];
        var number = new BigInteger(signature, isUnsigned: true, isBigEndian: true);
        if (signature.Length != key.Modulus!.Length || number >= modulus || encoded.Length < HashSize + 2)
        {
            return false;
        }

        var message = BigInteger.ModPow(number, new(key.Exponent, isUnsigned: true, isBigEndian: true), modulus).ToByteArray(isUnsigned: true, isBigEndian: true);
        if (message.Length > encoded.Length)
        {
            return false;
        }

        message.CopyTo(encoded, encoded.Length - message.Length);
        var spare = (encoded.Length * 8) - bits; // bits of the first byte that must be zero
        var block = encoded.AsSpan(0, encoded.Length - HashSize - 1);
        var hash = encoded.AsSpan(block.Length, HashSize);
        if (encoded[^1] != 0xbc || block[0] >> (8 - spare) != 0)
        {
            return false;
        }

        Unmask(block, hash);
        block[0] &= (byte)(0xff >> spare);
        var one = block.IndexOfAnyExcept((byte)0);
        if (one < 0 || block[one] != 1)
        {
            return false;
        }

        byte[] hashed = [.. new byte[8], .. SHA256.HashData(text), .. block[(one + 1)..]];
        return hash.SequenceEqual(SHA256.HashData(hashed));
    }

    /// <summary>Takes the mask away that MGF1 makes of the hash.</summary>
    private static void Unmask(Span<byte> block, ReadOnlySpan<byte> hash)
    {
        for (var part = 0; part * HashSize < block.Length; part++)
        {
            byte[] seed = [.. hash, (byte)(part >> 24), (byte)(part >> 16), (byte)(part >> 8), (byte)part];
            var mask = SHA256.HashData(seed);
            for (var i = part * HashSize; i < Math.Min(block.Length, (part + 1) * HashSize); i++)
            {
                block[i] ^= mask[i % HashSize];
            }
        }
    }
}
