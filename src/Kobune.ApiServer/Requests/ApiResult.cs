using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Tables;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Requests;

/// <summary>What an endpoint answers, before anybody chose a form for it. The edge negotiates and encodes.</summary>
public abstract record ApiResult(int StatusCode);

/// <summary>One object of a served kind.</summary>
public sealed record ObjectResult(ServedResource Resource, CacheEntry Entry, int StatusCode = 200) : ApiResult(StatusCode);

/// <summary>A document with a schema that is not a stored object: Status, Scale, reviews.</summary>
public sealed record DocumentResult(EncodedObject Document, int StatusCode = 200, TimeSpan? RetryAfter = null) : ApiResult(StatusCode)
{
    /// <summary>What is sent over HTTP instead of the document; null for the document.</summary>
    public string? PlainText { get; init; }

    /// <summary>How the document looks as a row of a Table; null for one that has no other shape than its own.</summary>
    internal DocumentTable? Table { get; init; }
}

/// <summary>The shape of documents that are shown as Tables.</summary>
/// <param name="Columns">Columns.</param>
/// <param name="Cells">A row's cells.</param>
internal sealed record DocumentTable(IReadOnlyList<ColumnSchema> Columns, RowCells Cells);

/// <summary>A list of a served kind.</summary>
public sealed record ListResult(ServedResource Resource, EntryList List) : ApiResult(200);

/// <summary>A watch of a served kind. Entries come in the storage version; <paramref name="InVersion"/> gives them in the version of the path.</summary>
public sealed record WatchResult(ServedResource Resource, IAsyncEnumerable<WatchEvent> Events, Func<CacheEntry, CacheEntry> InVersion) : ApiResult(200);

/// <summary>Bytes of a fixed content type: discovery, OpenAPI, metrics, health.</summary>
public sealed record BytesResult(string ContentType, ReadOnlyMemory<byte> Body, int StatusCode = 200, string? ETag = null) : ApiResult(StatusCode)
{
    /// <summary>Vary header, if any.</summary>
    public string? Vary { get; init; }
}

/// <summary>A byte stream that is written as it comes (logs).</summary>
public sealed record StreamResult(string ContentType, Func<Stream, CancellationToken, Task> WriteAsync) : ApiResult(200);

/// <summary>The answer of an aggregated API server, which goes on as it comes. Whoever gets it disposes of the response.</summary>
public sealed record ForwardedResult(HttpResponseMessage Response) : ApiResult((int)Response.StatusCode);

/// <summary>The endpoint took the connection over and has answered already (upgrade, proxy).</summary>
public sealed record TakenOverResult() : ApiResult(0);
