using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Kobune.Api.Authentication.V1;
using Kobune.Api.Authorization.V1;
using Kobune.Client;
using Microsoft.AspNetCore.Http;

namespace Kobune.Kubelet.Server;

/// <summary>Who asks (client certificate of the cluster's authority, or a token that the API server knows) and whether they may (SubjectAccessReview, cached).</summary>
internal sealed class RequestGate(IClient client, KubeletOptions options, TimeProvider time)
{
    private const int MaxCached = 1000;
    private static readonly TimeSpan AllowedFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DeniedFor = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, (bool Allowed, DateTimeOffset Until)> _decisions = new();
    private readonly ConcurrentDictionary<string, (Caller? Caller, DateTimeOffset Until)> _tokens = new();

    internal sealed record Caller(string User, IReadOnlyList<string> Groups);

    /// <summary>Null when the request may pass.</summary>
    internal async Task<(int Code, string Message)?> RefusalAsync(HttpContext context)
    {
        if (await AuthenticateAsync(context) is not { } caller)
        {
            return (401, "Unauthorized");
        }

        var (verb, subresource) = Attributes(context.Request);
        return await AllowedAsync(caller, verb, subresource, context.RequestAborted) ? null
            : (403, $"Forbidden (user={caller.User}, verb={verb}, resource=nodes, subresource(s)=[{subresource}])\n");
    }

    /// <summary>Method and path as verb and subresource of nodes (kubelet/server/auth.go).</summary>
    internal static (string Verb, string Subresource) Attributes(HttpRequest request)
    {
        var verb = request.Method switch { "POST" => "create", "PUT" => "update", "PATCH" => "patch", "DELETE" => "delete", _ => "get" };
        var path = request.Path.Value ?? "";
        var subresource = Below(path, "/stats") ? "stats" : Below(path, "/metrics") ? "metrics" : Below(path, "/logs") ? "log" : Below(path, "/checkpoint") ? "checkpoint" : "proxy";
        return (verb, subresource);
    }

    private static bool Below(string path, string prefix) => path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal);

    private async Task<Caller?> AuthenticateAsync(HttpContext context)
    {
        if (await context.Connection.GetClientCertificateAsync(context.RequestAborted) is { } certificate)
        {
            return OfCertificate(certificate);
        }

        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? await OfTokenAsync(header[7..].Trim(), context.RequestAborted) : null;
    }

    private Caller? OfCertificate(X509Certificate2 certificate)
    {
        if (options.ClientCertificateAuthority is not { } authority)
        {
            return null;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.2"));
        if (!chain.Build(certificate))
        {
            return null;
        }

        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames().Where(n => !n.HasMultipleElements).ToList();
        var user = names.FirstOrDefault(n => n.GetSingleElementType().Value == "2.5.4.3")?.GetSingleElementValue();
        var groups = names.Where(n => n.GetSingleElementType().Value == "2.5.4.10").Select(n => n.GetSingleElementValue() ?? "").ToList();
        return user is { Length: > 0 } ? new(user, [.. groups, "system:authenticated"]) : null;
    }

    private async Task<Caller?> OfTokenAsync(string token, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (_tokens.TryGetValue(token, out var known) && now < known.Until)
        {
            return known.Caller;
        }

        var review = await client.CreateAsync(new TokenReview { Spec = new() { Token = token } }, ct);
        var caller = review.Status.Authenticated ? new Caller(review.Status.User.Username, review.Status.User.Groups) : null;
        Trim(_tokens);
        _tokens[token] = (caller, now.AddMinutes(2));
        return caller;
    }

    private async Task<bool> AllowedAsync(Caller caller, string verb, string subresource, CancellationToken ct)
    {
        var key = $"{caller.User}\n{string.Join(',', caller.Groups)}\n{verb}\n{subresource}";
        var now = time.GetUtcNow();
        if (_decisions.TryGetValue(key, out var known) && now < known.Until)
        {
            return known.Allowed;
        }

        var review = await client.CreateAsync(
            new SubjectAccessReview
            {
                Spec = new()
                {
                    User = caller.User,
                    Groups = caller.Groups,
                    ResourceAttributes = new() { Verb = verb, Version = "v1", Resource = "nodes", Subresource = subresource, Name = options.NodeName },
                },
            },
            ct);
        Trim(_decisions);
        _decisions[key] = (review.Status.Allowed, now + (review.Status.Allowed ? AllowedFor : DeniedFor));
        return review.Status.Allowed;
    }

    private static void Trim<T>(ConcurrentDictionary<string, T> cache)
    {
        if (cache.Count >= MaxCached)
        {
            cache.Clear();
        }
    }
}
