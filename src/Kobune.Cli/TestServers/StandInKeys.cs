using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kobune.ApiServer.Certificates;
using Kobune.Cli.Kubeconfig;

namespace Kobune.Cli.TestServers;

/// <summary>Keys and certificates of an API server from the files that its flags name, as kube-apiserver reads them.</summary>
internal static class StandInKeys
{
    /// <summary>--tls-cert-file and --tls-private-key-file; else apiserver.crt and apiserver.key of --cert-dir, which are written there when they are missing.</summary>
    public static X509Certificate2 Serving(UpstreamArguments arguments, ClusterCertificates own)
    {
        if (arguments.Last("tls-cert-file") is { } certificate && arguments.Last("tls-private-key-file") is { } key)
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }

        if (arguments.Last("cert-dir") is not { } folder)
        {
            return own.ServerCertificate;
        }

        var (certificatePath, keyPath) = (Path.Combine(folder, "apiserver.crt"), Path.Combine(folder, "apiserver.key"));
        if (!File.Exists(certificatePath) || !File.Exists(keyPath))
        {
            Directory.CreateDirectory(folder);
            using var secret = own.ServerCertificate.GetECDsaPrivateKey()!;
            PrivateFile.Write(keyPath, secret.ExportPkcs8PrivateKeyPem() + "\n");
            File.WriteAllText(certificatePath, own.ServerCertificate.ExportCertificatePem() + "\n" + own.Authority.CertificatePem);
        }

        return X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
    }

    /// <summary>The key of --service-account-signing-key-file, then those of --service-account-key-file (private keys, public keys or certificates, several in a file).</summary>
    public static IReadOnlyList<SigningKey> ServiceAccounts(UpstreamArguments arguments)
    {
        var keys = arguments.Last("service-account-signing-key-file") is { } file ? new List<SigningKey> { SigningKey.Load(File.ReadAllText(file)) } : [];
        foreach (var key in arguments.All("service-account-key-file").SelectMany(f => PublicKeys(File.ReadAllText(f))))
        {
            if (keys.All(k => k.KeyId != key.KeyId))
            {
                keys.Add(key);
            }
        }

        return keys;
    }

    private static List<SigningKey> PublicKeys(string text)
    {
        var keys = new List<SigningKey>();
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            var block = rest[fields.Location].ToString();
            if (rest[fields.Label] is "CERTIFICATE")
            {
                using var certificate = X509Certificate2.CreateFromPem(block);
                block = certificate.PublicKey.ExportSubjectPublicKeyInfo() is var key ? PemEncoding.WriteString("PUBLIC KEY", key) : block;
            }

            keys.Add(SigningKey.Load(block));
        }

        return keys;
    }
}
