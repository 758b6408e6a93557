using System.Text;
using System.Text.Json;

namespace Kobune.Cli.Images;

/// <summary>Users of registries that this computer's Docker or Podman was told with its login command. Password helpers of desktops are not asked.</summary>
internal static class RegistryLogin
{
    /// <summary>The user of a registry; null when none is known.</summary>
    /// <param name="variable">The environment: DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR and the home folder say where to look.</param>
    /// <param name="host">"registry.test:5000".</param>
    public static RegistryUser? Find(Func<string, string?> variable, string host) =>
        Files(variable).Where(File.Exists).Select(f => Read(File.ReadAllBytes(f), host)).FirstOrDefault(u => u is not null);

    /// <summary>The user in one file.</summary>
    internal static RegistryUser? Read(byte[] json, string host)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (!document.RootElement.TryGetProperty("auths", out var auths))
            {
                return null;
            }

            foreach (var entry in auths.EnumerateObject().Where(e => KeysOf(host).Contains(e.Name)))
            {
                if (entry.Value.TryGetProperty("auth", out var auth) && Encoding.UTF8.GetString(Convert.FromBase64String(auth.GetString() ?? "")).Split(':', 2) is [var name, var password])
                {
                    return new(name, password);
                }
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null; // not a file of theirs
        }
    }

    private static string[] KeysOf(string host) =>
        host == "docker.io" ? [host, "https://index.docker.io/v1/", "index.docker.io", "registry-1.docker.io"] : [host, "https://" + host, "http://" + host, $"https://{host}/v1/", $"https://{host}/v2/"];

    private static IEnumerable<string> Files(Func<string, string?> variable)
    {
        if (variable("REGISTRY_AUTH_FILE") is { Length: > 0 } file)
        {
            yield return file;
        }

        var home = HomeFolder.UserFolder(variable);
        yield return Path.Combine(variable("DOCKER_CONFIG") is { Length: > 0 } folder ? folder : Path.Combine(home, ".docker"), "config.json");
        if (variable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime)
        {
            yield return Path.Combine(runtime, "containers", "auth.json");
        }

        yield return Path.Combine(home, ".config", "containers", "auth.json");
    }
}
