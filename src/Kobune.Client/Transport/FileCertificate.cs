using System.Security.Cryptography.X509Certificates;

namespace Kobune.Client.Transport;

/// <summary>A client certificate and key in PEM files that someone else renews; read again when one of them changed.</summary>
public sealed class FileCertificate(string certificatePath, string keyPath)
{
    private readonly Lock _lock = new();
    private X509Certificate2? _certificate;
    private DateTime _stamp;

    /// <summary>The certificate with its key; the last good one while the files cannot be read.</summary>
    public X509Certificate2 Read()
    {
        lock (_lock)
        {
            var changed = new[] { File.GetLastWriteTimeUtc(certificatePath), File.GetLastWriteTimeUtc(keyPath) }.Max();
            if (_certificate is null || changed != _stamp)
            {
                try
                {
                    _certificate = X509Certificate2.CreateFromPem(File.ReadAllText(certificatePath), File.ReadAllText(keyPath));
                    _stamp = changed;
                }
                catch (Exception e) when (_certificate is not null && e is IOException or System.Security.Cryptography.CryptographicException)
                {
                    // One file is new and the other is not yet: the next handshake looks again.
                }
            }

            return _certificate ?? throw new FileNotFoundException("The client certificate cannot be read.", certificatePath);
        }
    }
}
