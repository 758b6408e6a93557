using System.Text;
using System.Text.Json;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Sources;

/// <summary>Registry credentials from a pod's imagePullSecrets (kubernetes.io/dockerconfigjson and dockercfg).</summary>
internal sealed class ImagePullSecrets(IPodObjects objects)
{
    internal async Task<IReadOnlyList<Cri.AuthConfig>> FindAsync(Pod pod, string image, CancellationToken ct)
    {
        var found = new List<Cri.AuthConfig>();
        foreach (var reference in pod.Spec.ImagePullSecrets)
        {
            if (await objects.FindSecretAsync(pod.Metadata.Namespace, reference.Name, ct) is { } secret)
            {
                found.AddRange(Match(secret, Registry(image)));
            }
        }

        return found;
    }

    /// <summary>The registry of an image: the first part when it looks like a host, else Docker Hub.</summary>
    internal static string Registry(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var head = slash < 0 ? "" : image[..slash];
        return head.Contains('.', StringComparison.Ordinal) || head.Contains(':', StringComparison.Ordinal) || head == "localhost" ? head : "index.docker.io";
    }

    internal static IEnumerable<Cri.AuthConfig> Match(Secret secret, string registry)
    {
        var modern = secret.Data.TryGetValue(".dockerconfigjson", out var bytes);
        if (!modern && !secret.Data.TryGetValue(".dockercfg", out bytes))
        {
            yield break;
        }

        using var json = Parse(bytes);
        if (json is null || json.RootElement.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        var entries = modern && json.RootElement.TryGetProperty("auths", out var auths) ? auths : json.RootElement;
        if (entries.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var entry in entries.EnumerateObject().Where(e => Host(e.Name) == registry && e.Value.ValueKind == JsonValueKind.Object))
        {
            yield return Auth(entry.Value);
        }
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Host(string server)
    {
        var host = server.Contains("://", StringComparison.Ordinal) ? server[(server.IndexOf("://", StringComparison.Ordinal) + 3)..] : server;
        return host.Split('/')[0];
    }

    private static Cri.AuthConfig Auth(JsonElement entry)
    {
        var auth = new Cri.AuthConfig { Username = Text("username"), Password = Text("password"), IdentityToken = Text("identitytoken"), RegistryToken = Text("registrytoken") };
        if (auth.Username.Length == 0 && Text("auth") is { Length: > 0 } encoded)
        {
            var buffer = new byte[encoded.Length];
            if (Convert.TryFromBase64String(encoded, buffer, out var written) && Encoding.UTF8.GetString(buffer, 0, written) is var pair && pair.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                (auth.Username, auth.Password) = (pair[..colon], pair[(colon + 1)..]);
            }
        }

        return auth;

        string Text(string name) => entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }
}
