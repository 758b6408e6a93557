using System.Security.Cryptography.X509Certificates;

namespace Kobune.Client.Transport;

/// <summary>How to reach a server over HTTPS and as whom.</summary>
public sealed record HttpsTransportOptions
{
    /// <summary>"https://192.168.49.2:8443"; a path in it is a prefix of all requests.</summary>
    public required Uri Server { get; init; }

    /// <summary>The authorities that may have signed the server's certificate; empty for the system's.</summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    /// <summary>The name that the server's certificate must carry; null for the host of <see cref="Server"/>.</summary>
    public string? ServerName { get; init; }

    /// <summary>Take any server certificate.</summary>
    public bool SkipVerification { get; init; }

    /// <summary>The client's certificate with its key, asked for at each handshake; null for none.</summary>
    public Func<X509Certificate2?>? ClientCertificate { get; init; }

    /// <summary>The bearer token, asked for at each request; null for none.</summary>
    public Func<string?>? BearerToken { get; init; }

    /// <summary>Names this program and, up to the first slash, the manager of the fields that it writes.</summary>
    public string UserAgent { get; init; } = "kobune/v0.1.0";
}
