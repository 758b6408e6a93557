using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kobune.Kubelet.Registry.Pushing;

/// <summary>A user of a registry. The program hands it on by standard input, never as a word of a command: words are seen by all users of a computer.</summary>
/// <param name="Name">Empty for an identity token.</param>
/// <param name="Password">Or access token.</param>
/// <param name="IdentityToken">What an OAuth login left in the place of a password.</param>
public sealed record RegistryUser(string Name, string Password, string IdentityToken = "");

/// <summary>
/// Answers a registry's challenge: Basic, or Bearer with a token that the registry's token server gives (distribution, docs/spec/auth/token.md and oauth.md).
/// </summary>
internal sealed partial class RegistryAccess(HttpClient client, RegistryUser? user, string scope)
{
    private static readonly string[] TokenFields = ["token", "access_token"];
    private AuthenticationHeaderValue? _header;

    /// <summary>Puts what is known so far on a request.</summary>
    public void Apply(HttpRequestMessage request) => request.Headers.Authorization = _header ?? request.Headers.Authorization;

    /// <summary>Learns from a refusal.</summary>
    /// <returns>Whether another try makes sense.</returns>
    public async Task<bool> LearnAsync(HttpResponseMessage refusal, CancellationToken ct)
    {
        foreach (var challenge in refusal.Headers.WwwAuthenticate)
        {
            if (challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            {
                _header = new("Bearer", await TokenAsync(Parameter(challenge, "realm"), Parameter(challenge, "service"), ct));
                return true;
            }

            if (challenge.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && user is { Name.Length: > 0 } && _header is null)
            {
                _header = Basic(user);
                return true;
            }
        }

        return false;
    }

    private async Task<string> TokenAsync(string realm, string service, CancellationToken ct)
    {
        using var request = user is { IdentityToken.Length: > 0 } ? OAuth(realm, service, user.IdentityToken) : Plain(realm, service);
        using var response = await client.SendAsync(request, ct);
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        if (!response.IsSuccessStatusCode)
        {
            throw new PushException(RegistryFailure.Text(response, body));
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return TokenFields.Select(n => document.RootElement.TryGetProperty(n, out var token) ? token.GetString() : null).FirstOrDefault(t => t is { Length: > 0 })
                ?? throw new PushException($"{realm} gave no token");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new PushException($"{realm} gave no token", e);
        }
    }

    private HttpRequestMessage Plain(string realm, string service)
    {
        var query = $"service={Uri.EscapeDataString(service)}&scope={Uri.EscapeDataString(scope)}" + (user is null ? "" : "&account=" + Uri.EscapeDataString(user.Name));
        var request = new HttpRequestMessage(HttpMethod.Get, realm + (realm.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query);
        request.Headers.Authorization = user is null ? null : Basic(user);
        return request;
    }

    private HttpRequestMessage OAuth(string realm, string service, string token) => new(HttpMethod.Post, realm)
    {
        Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["service"] = service,
            ["client_id"] = "kobune",
            ["scope"] = scope,
            ["refresh_token"] = token,
        }),
    };

    private static AuthenticationHeaderValue Basic(RegistryUser user) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.Name}:{user.Password}")));

    private static string Parameter(AuthenticationHeaderValue challenge, string name) =>
        Parameters().Matches(challenge.Parameter ?? "").FirstOrDefault(m => m.Groups["name"].Value.Equals(name, StringComparison.OrdinalIgnoreCase))?.Groups["value"].Value ?? "";

    [GeneratedRegex("(?<name>[A-Za-z_]+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Parameters();
}

/// <summary>What a registry says when it refuses.</summary>
internal static class RegistryFailure
{
    /// <summary>"401 Unauthorized: authentication required".</summary>
    public static string Text(HttpResponseMessage response, byte[] body)
    {
        var head = $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Path)}: {(int)response.StatusCode} {response.ReasonPhrase}";
        try
        {
            using var document = JsonDocument.Parse(body);
            var errors = document.RootElement.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("message").GetString());
            return $"{head}: {string.Join("; ", errors)}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return head; // it says nothing more
        }
    }
}
