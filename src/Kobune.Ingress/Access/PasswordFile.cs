using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Kobune.Client;
using Kobune.Ingress.Routing;
using Kobune.Ingress.Settings;

namespace Kobune.Ingress.Access;

/// <summary>Users and their hashed passwords, from a Secret.</summary>
internal sealed class PasswordFile(IReadOnlyDictionary<string, string> users, string realm)
{
    private const int MaxKnown = 1024;
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal); // hashes of headers that were right: bcrypt takes a while by design

    public string Realm => realm;

    /// <summary>The users that an Ingress asks for, or why they cannot be had.</summary>
    public static (PasswordFile? Users, string? Problem) Resolve(BasicAuthSettings settings, string ns, IRoutingObjects objects)
    {
        if (settings.Secret is not { } text)
        {
            return (null, "error reading secret name from annotation");
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var key = slash < 0 ? new ObjectKey(ns, text) : new(text[..slash], text[(slash + 1)..]);
        if (key.Namespace != ns)
        {
            return (null, "cross namespace usage of secrets is not allowed");
        }

        if (objects.FindSecret(key.Namespace, key.Name) is not { } secret)
        {
            return (null, $"unexpected error reading secret {key}");
        }

        if (settings.Map)
        {
            return (new(secret.Data.ToDictionary(d => d.Key, d => Text(d.Value).Trim(), StringComparer.Ordinal), settings.Realm), null);
        }

        return secret.Data.TryGetValue("auth", out var file)
            ? (new(Parse(Text(file)), settings.Realm), null)
            : (null, $"the secret {key} does not contain a key with value auth");
    }

    /// <summary>Whether the value of an Authorization header is that of a user.</summary>
    public bool Accepts(string? header)
    {
        if (header is null || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(header)));
        if (_known.ContainsKey(digest))
        {
            return true;
        }

        var good = Decode(header["Basic ".Length..]) is var (user, password) && users.TryGetValue(user, out var hash) && PasswordHash.Verify(password, hash);
        if (good && _known.Count < MaxKnown)
        {
            _known[digest] = true;
        }

        return good;
    }

    /// <summary>An htpasswd file: "user:hash" lines, "#" comments.</summary>
    internal static Dictionary<string, string> Parse(string file)
    {
        var users = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in file.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(':');
            if (parts.Length >= 2 && line[0] != '#')
            {
                users.TryAdd(parts[0], parts[1]); // what follows a second colon is a comment
            }
        }

        return users;
    }

    private static (string User, string Password)? Decode(string base64)
    {
        try
        {
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(base64.Trim()));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? null : (text[..colon], text[(colon + 1)..]);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
