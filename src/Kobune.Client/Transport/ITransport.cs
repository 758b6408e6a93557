using Kobune.Api;

namespace Kobune.Client.Transport;

/// <summary>
/// How requests reach an API server. Two exist: HTTPS, and in-process (no HTTP, no TLS; the same authentication identity, authorization and
/// admission). An API error is a value in the answer, in the server's own words.
/// </summary>
public interface ITransport
{
    /// <summary>One request, one answer, whole in memory.</summary>
    /// <exception cref="HttpRequestException">The server could not be reached.</exception>
    ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct);

    /// <summary>A list. In-process, the items are the server's own shared revisions, so that a record is decoded once for the whole process.</summary>
    ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct);

    /// <summary>A watch. The first failure (also one before any event) ends the stream with an ERROR event that carries the Status; only cancellation throws.</summary>
    IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, CancellationToken ct);

    /// <summary>An upgraded byte stream (exec, attach, port-forward, proxy), or the answer that refused it.</summary>
    ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct);
}

/// <summary>A request in HTTP's terms.</summary>
/// <param name="Method">GET, POST, PUT, PATCH, DELETE.</param>
/// <param name="PathAndQuery">"/api/v1/namespaces/default/pods?limit=500".</param>
/// <param name="Body">The body, empty for none.</param>
/// <param name="ContentType">Of the body; null for JSON.</param>
public sealed record ApiRequest(string Method, string PathAndQuery, ReadOnlyMemory<byte> Body = default, string? ContentType = null)
{
    /// <summary>Further headers (Accept, impersonation, upgrade).</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>A whole answer. Body holds the object or the Status.</summary>
/// <param name="StatusCode">HTTP status code.</param>
/// <param name="Body">The object, or a Status when the code is 400 or above.</param>
/// <param name="RetryAfter">Of the Retry-After header.</param>
public sealed record ApiResponse(int StatusCode, EncodedObject Body, TimeSpan? RetryAfter = null);

/// <summary>A list, or the Status that refused it (<paramref name="Error"/>).</summary>
public sealed record ApiList(IReadOnlyList<EncodedObject> Items, string ResourceVersion, string? Continue, EncodedObject? Error = null, int StatusCode = 200);

/// <summary>ADDED, MODIFIED, DELETED, BOOKMARK or ERROR (then <paramref name="Object"/> is a Status).</summary>
public readonly record struct ApiWatchEvent(string Type, EncodedObject Object);

/// <summary>An upgraded connection, or the answer that refused it.</summary>
public sealed record ApiUpgrade(Stream? Stream, string? Protocol, ApiResponse? Refusal) : IAsyncDisposable
{
    /// <summary>Closes the stream.</summary>
    public ValueTask DisposeAsync() => Stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
