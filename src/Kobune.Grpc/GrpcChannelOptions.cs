using System.Net.Security;

namespace Kobune.Grpc;

/// <summary>How a channel behaves. The defaults suit a local unix socket.</summary>
public sealed record GrpcChannelOptions
{
    /// <summary>The largest message that is accepted, in bytes (16 MiB, the kubelet's limit towards a runtime).</summary>
    public int MaxReceiveMessageSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long a connection may take to be made.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When a connection without traffic is checked with a ping; null never checks.</summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>Headers of every call (authorization, authority).</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>TLS towards a TCP address; null is plain text.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>The clock of deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
