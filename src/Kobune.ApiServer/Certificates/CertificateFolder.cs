using System.Security.Cryptography;

namespace Kobune.ApiServer.Certificates;

/// <summary>
/// Where pairs of certificate and key are kept, by name: "ca" is ca.crt and ca.key. The key is written first and the certificate is the commit
/// point, each by a rename: whoever dies in between leaves a pair that counts as not there.
/// </summary>
internal sealed class CertificateFolder(string? path)
{
    private const UnixFileMode KeyMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode CertificateMode = KeyMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Nothing is kept: for tests and in-memory clusters.</summary>
    public static CertificateFolder None { get; } = new(null);

    /// <summary>The pair, or null when it was never written whole.</summary>
    public PemPair? Read(string name)
    {
        if (path is null || !File.Exists(PathOf(name, ".crt")))
        {
            return null;
        }

        return File.Exists(PathOf(name, ".key"))
            ? new(File.ReadAllText(PathOf(name, ".crt")), File.ReadAllText(PathOf(name, ".key")))
            : throw new CryptographicException($"{PathOf(name, ".crt")} is there, but {name}.key is missing: restore it, or remove both to begin anew");
    }

    /// <summary>Writes a pair durably.</summary>
    public void Write(string name, PemPair pair)
    {
        WriteFile(name + ".key", pair.KeyPem, KeyMode);
        WriteFile(name + ".crt", pair.CertificatePem, CertificateMode);
    }

    /// <summary>One text, or null.</summary>
    public string? ReadFile(string file) => path is not null && File.Exists(Path.Combine(path, file)) ? File.ReadAllText(Path.Combine(path, file)) : null;

    /// <summary>Writes one text durably: new file, fsync, rename.</summary>
    public void WriteFile(string file, string text, bool secret) => WriteFile(file, text, secret ? KeyMode : CertificateMode);

    private void WriteFile(string file, string text, UnixFileMode mode)
    {
        if (path is null)
        {
            return;
        }

        Directory.CreateDirectory(path);
        var target = Path.Combine(path, file);
        var draft = target + "." + Path.GetRandomFileName();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using (var stream = new FileStream(draft, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, target, overwrite: true);
    }

    private string PathOf(string name, string extension) => Path.Combine(path!, name + extension);
}
