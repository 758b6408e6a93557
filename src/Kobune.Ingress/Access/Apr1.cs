using System.Security.Cryptography;
using System.Text;

namespace Kobune.Ingress.Access;

/// <summary>Apache's variant of MD5 crypt, which crypt(3) does not have: "$apr1$SALT$22 characters".</summary>
internal static class Apr1
{
    public const string Magic = "$apr1$";
    private const string Alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int MaxSalt = 8;
    private const int Rounds = 1000;

    /// <summary>The hash of a password with the salt of another hash.</summary>
    public static string Hash(byte[] password, string setting)
    {
        var text = setting[Magic.Length..];
        var end = text.IndexOf('$', StringComparison.Ordinal);
        var salt = (end < 0 ? text : text[..end])[..Math.Min(MaxSalt, end < 0 ? text.Length : end)];
        var digest = Stretch(password, Encoding.ASCII.GetBytes(salt));
        return Magic + salt + "$" + Encode(digest);
    }

#pragma warning disable CA5351 // the format is what it is
    private static byte[] Stretch(byte[] password, byte[] salt)
    {
        var mixed = MD5.HashData([.. password, .. salt, .. password]);
        var first = new List<byte>([.. password, .. Encoding.ASCII.GetBytes(Magic), .. salt]);
        for (var left = password.Length; left > 0; left -= mixed.Length)
        {
            first.AddRange(mixed.Take(Math.Min(left, mixed.Length)));
        }

        for (var bits = password.Length; bits > 0; bits >>= 1)
        {
            first.Add((bits & 1) != 0 ? (byte)0 : password[0]);
        }

        var digest = MD5.HashData([.. first]);
        for (var i = 0; i < Rounds; i++)
        {
            digest = MD5.HashData(
            [
                .. (i & 1) != 0 ? password : digest,
                .. i % 3 != 0 ? salt : [],
                .. i % 7 != 0 ? password : [],
                .. (i & 1) != 0 ? digest : password,
            ]);
        }

        return digest;
    }
#pragma warning restore CA5351

    private static string Encode(byte[] d)
    {
        var text = new StringBuilder(22);
        for (var i = 0; i < 5; i++)
        {
            Append(text, (d[i] << 16) | (d[i + 6] << 8) | d[i == 4 ? 5 : i + 12], 4);
        }

        Append(text, d[11], 2);
        return text.ToString();
    }

    private static void Append(StringBuilder text, int value, int count)
    {
        for (var i = 0; i < count; i++, value >>= 6)
        {
            text.Append(Alphabet[value & 0x3f]);
        }
    }
}
