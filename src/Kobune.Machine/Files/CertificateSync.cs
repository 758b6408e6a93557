using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kobune.Machine.Host;

namespace Kobune.Machine.Files;

/// <summary>
/// Makes a node trust the user's own authorities: HOME/certs/*.pem (or .crt) become files of /usr/share/ca-certificates, links of /etc/ssl/certs under
/// their name and their hash, and part of the bundle that most programs read.
/// </summary>
public static class CertificateSync
{
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;

    /// <summary>Installs them.</summary>
    /// <param name="source">The folder with the certificates.</param>
    /// <param name="root">The root of the node's file system, "/".</param>
    /// <param name="warn">Told of files that hold no certificate.</param>
    public static void Install(string source, string root, Action<string> warn)
    {
        var (store, links) = (Path.Combine(root, "usr/share/ca-certificates"), Path.Combine(root, "etc/ssl/certs"));
        foreach (var file in Directory.EnumerateFiles(source).Where(f => Path.GetExtension(f) is ".pem" or ".crt").Order(StringComparer.Ordinal))
        {
            if (!IsCertificate(file))
            {
                warn($"{file} holds no certificate and is left out");
                continue;
            }

            Directory.CreateDirectory(store);
            Directory.CreateDirectory(links);
            var name = Path.GetFileNameWithoutExtension(file) + ".pem";
            var installed = Path.Combine(store, name);
            File.Copy(file, installed, overwrite: true);
            File.SetUnixFileMode(installed, Readable);
            Link(Path.Combine(links, name), "/usr/share/ca-certificates/" + name);
            if (SubjectHash(installed) is { } hash)
            {
                Link(Path.Combine(links, FreeName(links, hash, name)), "/etc/ssl/certs/" + name);
            }

            File.AppendAllText(Path.Combine(links, "ca-certificates.crt"), "\n" + File.ReadAllText(file).Trim() + "\n");
        }
    }

    private static bool IsCertificate(string file)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static void Link(string link, string target)
    {
        File.Delete(link);
        File.CreateSymbolicLink(link, target);
    }

    /// <summary>HASH.0, or the next number where another certificate has it.</summary>
    private static string FreeName(string folder, string hash, string name)
    {
        for (var i = 0; ; i++)
        {
            var candidate = $"{hash}.{i}";
            var target = new FileInfo(Path.Combine(folder, candidate)).LinkTarget;
            if ((target is null && !File.Exists(Path.Combine(folder, candidate))) || target == "/etc/ssl/certs/" + name)
            {
                return candidate;
            }
        }
    }

    /// <summary>OpenSSL's own hash of the subject; null where there is no openssl, and then nobody looks for such a link.</summary>
    private static string? SubjectHash(string file)
    {
        if (Programs.Find("openssl") is null)
        {
            return null;
        }

        var result = Programs.TryRunAsync("openssl", ["x509", "-hash", "-noout", "-in", file], null, CancellationToken.None).GetAwaiter().GetResult();
        return result.ExitCode == 0 ? result.Output.Trim() : null;
    }
}
