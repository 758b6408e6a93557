using System.Text;
using System.Text.Json;
using Kobune.Kubelet.Registry.Pushing;
using Kobune.Machine.Host;

namespace Kobune.Cli.Images;

/// <summary>
/// Users of registries that this computer's Docker or Podman was told with its login command: in its file, or with a credential helper that the file names
/// (credHelpers for one registry, credsStore for all; docker/cli, cli/config/configfile and docker-credential-helpers, client/command.go).
/// </summary>
internal static class RegistryLogin
{
    private const string DockerHub = "https://index.docker.io/v1/";

    /// <summary>How docker calls the "user" of an identity token.</summary>
    private const string TokenUser = "<token>";

    /// <summary>The user of a registry; null when none is known.</summary>
    /// <param name="variable">The environment: DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR and the home folder say where to look.</param>
    /// <param name="host">"registry.test:5000".</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<RegistryUser?> FindAsync(Func<string, string?> variable, string host, CancellationToken ct)
    {
        foreach (var file in Files(variable).Where(File.Exists))
        {
            var json = await File.ReadAllBytesAsync(file, ct);
            if ((HelperOf(json, host) is { } helper ? await AskAsync(helper, host, ct) : null) is { } told)
            {
                return told;
            }

            if (Read(json, host) is { } user)
            {
                return user;
            }
        }

        return null;
    }

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
                if (entry.Value.TryGetProperty("identitytoken", out var token) && token.GetString() is { Length: > 0 } identity)
                {
                    return new("", "", identity);
                }

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

    /// <summary>The helper that a file names for a registry: "desktop" of docker-credential-desktop; null for none.</summary>
    internal static string? HelperOf(byte[] json, string host)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.TryGetProperty("credHelpers", out var helpers)
                && helpers.EnumerateObject().FirstOrDefault(h => KeysOf(host).Contains(h.Name)) is { Value.ValueKind: JsonValueKind.String } own)
            {
                return own.Value.GetString() is { Length: > 0 } name ? name : null;
            }

            return document.RootElement.TryGetProperty("credsStore", out var store) && store.GetString() is { Length: > 0 } all ? all : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // not a file of theirs
        }
    }

    /// <summary>The user that a helper told: {"ServerURL": ..., "Username": ..., "Secret": ...}; null when it told none.</summary>
    internal static RegistryUser? ReadAnswer(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var (name, secret) = (document.RootElement.GetProperty("Username").GetString() ?? "", document.RootElement.GetProperty("Secret").GetString() ?? "");
            return (name, secret) switch
            {
                ("", "") => null,
                (TokenUser, _) => new("", "", secret),
                _ => new(name, secret),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null; // helpers tell "credentials not found in native keychain" in plain text
        }
    }

    private static async Task<RegistryUser?> AskAsync(string helper, string host, CancellationToken ct)
    {
        var program = "docker-credential-" + helper;
        if (helper.Contains('/', StringComparison.Ordinal) || Programs.Find(program) is null)
        {
            return null;
        }

        var answer = await Programs.TryRunAsync(program, ["get"], host == "docker.io" ? DockerHub : host, ct);
        return answer.ExitCode == 0 ? ReadAnswer(answer.Output) : null;
    }

    private static string[] KeysOf(string host) =>
        host == "docker.io" ? [host, DockerHub, "index.docker.io", "registry-1.docker.io"] : [host, "https://" + host, "http://" + host, $"https://{host}/v1/", $"https://{host}/v2/"];

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
