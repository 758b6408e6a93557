using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Kobune.Ingress.Access;

/// <summary>
/// The hashes of an htpasswd file: apr1 (what htpasswd writes), {SHA}, {SSHA}, {PLAIN}, and what the system's crypt(3) knows: bcrypt, SHA-256,
/// SHA-512 and MD5 crypt. Weak hashes are the file's choice, not ours.
/// </summary>
internal static partial class PasswordHash
{
    private static readonly Lock Crypting = new(); // crypt(3) returns a buffer of its own

    public static bool Verify(string password, string hash)
    {
        var bytes = Encoding.UTF8.GetBytes(password);
        if (hash.StartsWith("{PLAIN}", StringComparison.Ordinal))
        {
            return Same(Encoding.UTF8.GetBytes(hash["{PLAIN}".Length..]), bytes);
        }

        if (hash.StartsWith("{SHA}", StringComparison.Ordinal))
        {
            return Decode(hash["{SHA}".Length..]) is { } sha && Same(sha, Sha1(bytes, []));
        }

        if (hash.StartsWith("{SSHA}", StringComparison.Ordinal))
        {
            return Decode(hash["{SSHA}".Length..]) is { Length: > 20 } salted && Same(salted[..20], Sha1(bytes, salted[20..]));
        }

        var computed = hash.StartsWith(Apr1.Magic, StringComparison.Ordinal) ? Apr1.Hash(bytes, hash) : Crypt(bytes, hash);
        return computed is not null && Same(Encoding.UTF8.GetBytes(computed), Encoding.UTF8.GetBytes(hash));
    }

    private static bool Same(byte[] one, byte[] other) => CryptographicOperations.FixedTimeEquals(one, other);

#pragma warning disable CA5350 // the format is what it is
    private static byte[] Sha1(byte[] password, byte[] salt) => SHA1.HashData([.. password, .. salt]);
#pragma warning restore CA5350

    private static byte[]? Decode(string base64)
    {
        var buffer = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, buffer, out var length) ? buffer[..length] : null;
    }

    private static string? Crypt(byte[] password, string setting)
    {
        if (password.Contains((byte)0))
        {
            return null;
        }

        try
        {
            lock (Crypting)
            {
                var result = Marshal.PtrToStringUTF8(SystemCrypt(Encoding.UTF8.GetString(password), setting));
                return result is null || result.StartsWith('*') ? null : result;
            }
        }
        catch (DllNotFoundException)
        {
            return null; // without the library such a hash matches nobody
        }
    }

    [LibraryImport("libcrypt.so.1", EntryPoint = "crypt", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SystemCrypt(string password, string setting);
}
