using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Kobune.Api.Authentication.V1;
using Kobune.Api.Authorization.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Microsoft.AspNetCore.Http;

namespace Kobune.Addons.Metrics;

/// <summary>
/// Who asks, and whether they may. Users come in headers, believed from the API server's front-proxy certificate alone, as kube-system/extension-apiserver-authentication
/// says, or with a bearer token of their own, which the API server reviews; whoever brings neither is anonymous. The API server is asked what they may. Source: k8s.io/apiserver, authenticatorfactory and authorizerfactory (delegating).
/// </summary>
internal sealed class RequestGate(IClient client, TimeProvider time)
{
    private const string Masters = "system:masters";
    private const string ExtraPrefix = "X-Remote-Extra-";
    private static readonly TimeSpan TrustFor = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Remembered<bool> _decisions = new(time);
    private readonly Remembered<SubjectAccessReviewSpec?> _tokens = new(time);
    private (Trust? Trust, DateTimeOffset Until) _trust;

    /// <summary>Null when the request may pass; else code and words.</summary>
    public async Task<(int Code, string Reason, string Message)?> RefusalAsync(HttpContext context, ResourceAttributes? resource, CancellationToken ct)
    {
        var path = context.Request.Path.Value ?? "/";
        if (path is "/healthz" or "/livez" or "/readyz")
        {
            return null;
        }

        if (await UserAsync(context, ct) is not { } user)
        {
            return (401, "Unauthorized", "Unauthorized");
        }

        var spec = user with { ResourceAttributes = resource, NonResourceAttributes = resource is null ? new() { Path = path, Verb = context.Request.Method.ToLowerInvariant() } : null };
        if (await AllowedAsync(spec, ct))
        {
            return null;
        }

        var what = resource is null
            ? $"forbidden: User \"{user.User}\" cannot get path \"{path}\""
            : $"{resource.Resource}.{resource.Group}{(resource.Name.Length > 0 ? $" \"{resource.Name}\"" : "")} is forbidden: User \"{user.User}\" cannot {resource.Verb} resource \"{resource.Resource}\" in API group \"{resource.Group}\" {(resource.Namespace.Length > 0 ? $"in the namespace \"{resource.Namespace}\"" : "at the cluster scope")}";
        return (403, "Forbidden", what);
    }

    private async Task<SubjectAccessReviewSpec?> UserAsync(HttpContext context, CancellationToken ct)
    {
        var headers = context.Request.Headers;
        if (headers["X-Remote-User"].ToString() is not { Length: > 0 } name)
        {
            return headers.Authorization.ToString() switch
            {
                "" => new() { User = "system:anonymous", Groups = ["system:unauthenticated"] },
                var bearer when bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) => await OfTokenAsync(bearer[7..].Trim(), ct),
                _ => null,
            };
        }

        if (await context.Connection.GetClientCertificateAsync(ct) is not { } certificate
            || await TrustAsync(ct) is not { } trust
            || !trust.Believes(certificate, time.GetUtcNow()))
        {
            return null;
        }

        return new()
        {
            User = name,
            Uid = headers["X-Remote-Uid"].ToString(),
            Groups = [.. headers["X-Remote-Group"].OfType<string>()],
            Extra = headers.Where(h => h.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
                .ToDictionary(h => Uri.UnescapeDataString(h.Key[ExtraPrefix.Length..].ToLowerInvariant()), h => (IReadOnlyList<string>)[.. h.Value.OfType<string>()]),
        };
    }

    private Task<SubjectAccessReviewSpec?> OfTokenAsync(string token, CancellationToken ct) => _tokens.FindAsync(token, async () =>
    {
        var status = (await client.CreateAsync(new TokenReview { Spec = new() { Token = token } }, ct)).Status;
        return status.Authenticated ? new SubjectAccessReviewSpec { User = status.User.Username, Uid = status.User.Uid, Groups = status.User.Groups, Extra = status.User.Extra } : null;
    });

    private async Task<bool> AllowedAsync(SubjectAccessReviewSpec spec, CancellationToken ct) =>
        spec.Groups.Contains(Masters)
        || await _decisions.FindAsync(Api.Json.JsonText.Of(spec), async () => (await client.CreateAsync(new SubjectAccessReview { Spec = spec }, ct)).Status.Allowed);

    /// <summary>The cluster's own words, read again after a minute: certificates are renewed.</summary>
    private async Task<Trust?> TrustAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (now < _trust.Until)
            {
                return _trust.Trust;
            }
        }

        Trust? trust = null;
        try
        {
            trust = Trust.Of(await client.GetAsync<ConfigMap>("kube-system", "extension-apiserver-authentication", ct));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // nobody can be believed yet
        }

        lock (_gate)
        {
            _trust = (trust, now + (trust is null ? TimeSpan.FromSeconds(1) : TrustFor));
        }

        return trust;
    }

    private sealed record Trust(X509Certificate2Collection Authorities, IReadOnlyList<string> Names)
    {
        public static Trust? Of(ConfigMap map)
        {
            if (map.Data.GetValueOrDefault("requestheader-client-ca-file") is not { Length: > 0 } pem)
            {
                return null;
            }

            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(pem);
            var names = JsonNode.Parse(map.Data.GetValueOrDefault("requestheader-allowed-names", "[]")) as JsonArray;
            return new(authorities, [.. names?.Select(n => (string)n!) ?? []]);
        }

        public bool Believes(X509Certificate2 certificate, DateTimeOffset now)
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.VerificationTime = now.UtcDateTime;
            chain.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.2")); // clientAuth
            return chain.Build(certificate) && (Names.Count == 0 || Names.Contains(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)));
        }
    }
}
