using System.Runtime.CompilerServices;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer;

/// <summary>A request of a client in the same process.</summary>
/// <param name="User">Under which identity; it is authorized and admitted as over HTTPS.</param>
/// <param name="Method">GET, POST, PUT, PATCH, DELETE.</param>
/// <param name="PathAndQuery">"/api/v1/namespaces/default/pods?limit=500".</param>
/// <param name="Body">Empty for none.</param>
/// <param name="ContentType">Of the body; null for JSON.</param>
/// <param name="UserAgent">Names the field manager when the query does not.</param>
public sealed record InProcessRequest(UserInfo User, string Method, string PathAndQuery, ReadOnlyMemory<byte> Body = default, string? ContentType = null, string UserAgent = "kobune")
{
    /// <summary>Accept header; null for anything.</summary>
    public string? Accept { get; init; }

    /// <summary>Further headers (impersonation).</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>A whole answer; a Status when the code is 400 or above. Objects are the server's own shared revisions.</summary>
public sealed record InProcessAnswer(int StatusCode, EncodedObject Body, TimeSpan? RetryAfter, IReadOnlyList<string> Warnings);

/// <summary>A list of shared revisions, or the Status that refused it.</summary>
public sealed record InProcessList(IReadOnlyList<EncodedObject> Items, string ResourceVersion, string? Continue, EncodedObject? Error, int StatusCode);

/// <summary>The API server without HTTP and TLS: the same pipeline, so the same authorization and admission. All members are safe for concurrent callers.</summary>
public sealed class InProcessEndpoint
{
    private readonly ApiPipeline _pipeline;

    internal InProcessEndpoint(ApiPipeline pipeline)
    {
        _pipeline = pipeline;
    }

    /// <summary>One request, one answer. A list comes as one JSON document; <see cref="ListAsync"/> shares the items instead.</summary>
    public async ValueTask<InProcessAnswer> SendAsync(InProcessRequest request, CancellationToken ct)
    {
        var call = CallOf(request);
        try
        {
            return await AnswerAsync(call, request, await _pipeline.RunAsync(call, ct), ct);
        }
        finally
        {
            call.Finish();
        }
    }

    private static async ValueTask<InProcessAnswer> AnswerAsync(ApiCall call, InProcessRequest request, ApiResult result, CancellationToken ct) => result switch
    {
        ObjectResult one => new(one.StatusCode, one.Entry, null, call.Warnings),
        DocumentResult document => new(document.StatusCode, document.Document, document.RetryAfter, call.Warnings),
        BytesResult bytes => new(bytes.StatusCode, new EncodedObject(bytes.Body), null, call.Warnings),
        ListResult list => new(200, new EncodedObject(Http.ListBody.Json(list)), null, call.Warnings),
        ForwardedResult forwarded => await ForwardedAnswers.ReadAsync(forwarded, call.Warnings, ct),
        StreamResult stream => new(200, await ReadAsync(stream, ct), null, call.Warnings),
        _ => throw new InvalidOperationException($"{request.Method} {request.PathAndQuery} is no request with a whole answer"),
    };

    /// <summary>A list; the items are shared by all who ask.</summary>
    public async ValueTask<InProcessList> ListAsync(InProcessRequest request, CancellationToken ct)
    {
        var call = CallOf(request);
        try
        {
            return await _pipeline.RunAsync(call, ct) switch
            {
                ForwardedResult forwarded => await ForwardedAnswers.ReadListAsync(forwarded, ct),
                ListResult { List: var list } => new(list.Items, $"{list.Revision}", list.Continue.Length > 0 ? list.Continue : null, null, 200),
                DocumentResult document => new([], "", null, document.Document, document.StatusCode),
                _ => throw new InvalidOperationException($"{request.PathAndQuery} is no list"),
            };
        }
        finally
        {
            call.Finish();
        }
    }

    /// <summary>A watch: (type, object). A refusal, also the first, comes as an ERROR event with the Status, and ends it; only cancellation throws.</summary>
    public async IAsyncEnumerable<(string Type, EncodedObject Object)> WatchAsync(InProcessRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        var call = CallOf(request);
        try
        {
            await foreach (var item in EventsAsync(request, await _pipeline.RunAsync(call, ct), ct))
            {
                yield return item;
            }
        }
        finally
        {
            call.Finish();
        }
    }

    private static async IAsyncEnumerable<(string Type, EncodedObject Object)> EventsAsync(InProcessRequest request, ApiResult result, [EnumeratorCancellation] CancellationToken ct)
    {
        if (result is DocumentResult refusal)
        {
            yield return ("ERROR", refusal.Document);
            yield break;
        }

        if (result is ForwardedResult forwarded)
        {
            await foreach (var item in ForwardedAnswers.ReadWatchAsync(forwarded, ct))
            {
                yield return item;
            }

            yield break;
        }

        var watch = result as WatchResult ?? throw new InvalidOperationException($"{request.PathAndQuery} is no watch");
        await foreach (var item in watch.Events.WithCancellation(ct))
        {
            yield return (item.TypeName, item.Error is { } status ? new EncodedObject(JsonText.Bytes(status)) : watch.InVersion(item.Entry!));
        }
    }

    private static ApiCall CallOf(InProcessRequest request)
    {
        var question = request.PathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var path = Uri.UnescapeDataString(question < 0 ? request.PathAndQuery : request.PathAndQuery[..question]);
        return new ApiCall
        {
            Method = request.Method,
            Path = path,
            QueryText = question < 0 ? "" : request.PathAndQuery[question..],
            Query = question < 0 ? QueryValues.Empty : QueryValues.Parse(request.PathAndQuery[question..]),
            ContentType = request.ContentType,
            UserAgent = request.UserAgent,
            Accept = request.Accept ?? (path is "/api" or "/apis" ? request.Headers.GetValueOrDefault("Accept") : null), // objects are handed over in their shared form, whatever a client would take over HTTP
            Header = name => request.Headers.GetValueOrDefault(name),
            HeadersWithPrefix = prefix => [.. request.Headers
                .Where(h => h.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                .Select(h => new KeyValuePair<string, string>(h.Key[prefix.Length..], h.Value))],
            BodyReader = _ => new(request.Body),
            User = request.User,
        };
    }

    private static async ValueTask<EncodedObject> ReadAsync(StreamResult stream, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        await stream.WriteAsync(buffer, ct);
        return new EncodedObject(buffer.ToArray());
    }
}
