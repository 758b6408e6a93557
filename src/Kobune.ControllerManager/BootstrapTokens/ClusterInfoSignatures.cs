using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Tokens;

namespace Kobune.ControllerManager.BootstrapTokens;

/// <summary>The signatures in cluster-info: detached JSON web signatures (RFC 7515, appendix F) of its kubeconfig, one a token. Source: k8s.io/cluster-bootstrap, token/jws.</summary>
internal static class ClusterInfoSignatures
{
    private const string Kubeconfig = "kubeconfig";
    private const string Prefix = "jws-kubeconfig-";

    /// <summary>The data with the signatures that it should have; null when it has them, or nothing to sign.</summary>
    public static IReadOnlyDictionary<string, string>? Sign(IReadOnlyDictionary<string, string> data, IEnumerable<Secret> secrets, DateTimeOffset now)
    {
        if (!data.TryGetValue(Kubeconfig, out var content))
        {
            return null;
        }

        var wanted = data.Where(d => !d.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(d => d.Key, d => d.Value);
        foreach (var (id, key) in secrets.Select(s => BootstrapTokenSecret.SigningKey(s, now)).OfType<(string, ReadOnlyMemory<byte>)>())
        {
            wanted[Prefix + id] = Sign(content, id, key.Span);
        }

        return wanted.Count == data.Count && wanted.All(w => data.GetValueOrDefault(w.Key) == w.Value) ? null : wanted;
    }

    /// <summary>"HEADER..SIGNATURE": the payload is left out.</summary>
    internal static string Sign(string content, string id, ReadOnlySpan<byte> key)
    {
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new JsonObject { ["alg"] = "HS256", ["kid"] = id }.ToJsonString()));
        var signed = Encoding.ASCII.GetBytes($"{header}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(content))}");
        return $"{header}..{Base64Url.EncodeToString(HMACSHA256.HashData(key, signed))}";
    }
}
