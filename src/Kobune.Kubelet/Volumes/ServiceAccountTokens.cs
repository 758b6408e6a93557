using System.Collections.Concurrent;
using Kobune.Api.Authentication.V1;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Volumes;

/// <summary>Asks the API server for a token of a service account.</summary>
internal delegate Task<TokenRequest> TokenSource(string ns, string serviceAccount, TokenRequest request, CancellationToken ct);

/// <summary>Tokens of pods, kept until 80 % of their life or 24 hours have passed (kubelet/token/token_manager.go).</summary>
internal sealed class ServiceAccountTokens(TokenSource source, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Uid, string Audience, long Seconds), Held> _held = new();

    internal sealed record Held(string Token, DateTimeOffset RefreshAt, DateTimeOffset ExpiresAt);

    /// <exception cref="VolumeException">The server refused and no valid token is at hand.</exception>
    internal async Task<Held> GetAsync(Pod pod, ServiceAccountTokenProjection projection, CancellationToken ct)
    {
        var seconds = projection.ExpirationSeconds ?? 3600;
        var key = (pod.Metadata.Uid, projection.Audience, seconds);
        var now = time.GetUtcNow();
        if (_held.TryGetValue(key, out var held) && now < held.RefreshAt)
        {
            return held;
        }

        try
        {
            var answer = await source(pod.Metadata.Namespace, pod.Spec.ServiceAccountName, Request(pod, projection.Audience, seconds), ct);
            var expires = answer.Status.ExpirationTimestamp ?? now.AddSeconds(seconds);
            var life = expires - now;
            var refresh = now + TimeSpan.FromTicks(Math.Min(life.Ticks * 8 / 10, TimeSpan.TicksPerDay));
            return _held[key] = new(answer.Status.Token, refresh, expires);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (held is not null && now < held.ExpiresAt)
            {
                return held with { RefreshAt = now.AddSeconds(30) }; // still good: the next look tries again
            }

            throw new VolumeException($"failed to fetch token: {e.Message}", e);
        }
    }

    internal void Forget(string podUid)
    {
        foreach (var key in _held.Keys.Where(k => k.Uid == podUid))
        {
            _held.TryRemove(key, out _);
        }
    }

    private static TokenRequest Request(Pod pod, string audience, long seconds) => new()
    {
        Spec = new()
        {
            Audiences = audience.Length > 0 ? [audience] : [],
            ExpirationSeconds = seconds,
            BoundObjectRef = new() { APIVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
        },
    };
}
