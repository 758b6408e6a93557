using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Schema;

namespace Kobune.Ingress.Upstreams;

/// <summary>One address behind a Service port.</summary>
internal sealed record UpstreamEndpoint(string Address, int Port)
{
    /// <summary>"10.244.0.5:8080", "[fd00::5]:8080".</summary>
    public string Authority { get; } = HostPort.Join(Address, Port);

    /// <summary>What a sticky session's cookie says of it: the address itself is nobody's business.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Authority))[..8]);
}
