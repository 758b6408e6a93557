using Kobune.ApiServer.Authentication;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Requests;

/// <summary>One request on its way through the pipeline, free of HTTP: made by the HTTPS edge and by the in-process endpoint alike.</summary>
public sealed class ApiCall
{
    private Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>>> _readBody = static _ => new(ReadOnlyMemory<byte>.Empty);

    private Action? _finished;

    /// <summary>GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS.</summary>
    public required string Method { get; init; }

    /// <summary>The path, without query, decoded.</summary>
    public required string Path { get; init; }

    /// <summary>The query parameters.</summary>
    public QueryValues Query { get; init; } = QueryValues.Empty;

    /// <summary>Content-Type of the body; null or empty for none.</summary>
    public string? ContentType { get; init; }

    /// <summary>Accept header; null or empty for anything.</summary>
    public string? Accept { get; init; }

    /// <summary>User-Agent header; the default name of a field manager comes from it.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>Any other header, null when absent.</summary>
    public Func<string, string?> Header { get; init; } = static _ => null;

    /// <summary>All values of a header whose name starts with a prefix, as (rest of the name, value). Used by impersonation.</summary>
    public Func<string, IReadOnlyList<KeyValuePair<string, string>>> HeadersWithPrefix { get; init; } = static _ => [];

    /// <summary>Reads the whole body.</summary>
    public Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>>> BodyReader
    {
        init => _readBody = value;
    }

    /// <summary>The connection, only for authentication and for connections that are upgraded or proxied; null in-process.</summary>
    public HttpContext? Http { get; init; }

    /// <summary>What the path asks for. Set by the first step of the pipeline.</summary>
    public RequestInfo Info { get; set; } = new() { IsResourceRequest = false, Path = "", Verb = "" };

    /// <summary>Who asks; null until authenticated. An in-process call brings its user along.</summary>
    public UserInfo? User { get; set; }

    /// <summary>Warnings for the client, sent as Warning headers.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>The query as it was sent, with its question mark; empty for none.</summary>
    public string QueryText { get; init; } = "";

    /// <summary>What audit events and the answer's header Audit-Id call the request.</summary>
    public string? AuditId { get; set; }

    /// <summary>What is audited of it; null when nothing is.</summary>
    internal Audit.AuditRecord? Audit { get; set; }

    /// <summary>Path and query.</summary>
    internal string RequestUri => (Http is { } http ? http.Request.Path.ToUriComponent() : Uri.EscapeDataString(Path).Replace("%2F", "/", StringComparison.Ordinal)) + QueryText;

    /// <summary>UID of the FlowSchema that priority and fairness found for it; null when it did not look.</summary>
    public string? FlowSchemaUid { get; set; }

    /// <summary>UID of that schema's priority level.</summary>
    public string? PriorityLevelUid { get; set; }

    /// <summary>The whole body; 413 when it is larger than the server takes.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(CancellationToken ct) => _readBody(ct);

    /// <summary>Where it comes from: the proxies' word first, the connection last.</summary>
    internal IEnumerable<string> SourceIPs()
    {
        if (Http is not { } http)
        {
            yield return "127.0.0.1"; // a component in this process
            yield break;
        }

        var remote = http.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : "";
        var last = "";
        foreach (var text in $"{Header("X-Forwarded-For")},{Header("X-Real-Ip")}".Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (System.Net.IPAddress.TryParse(text, out var ip) && (last = ip.ToString()) != remote)
            {
                yield return last;
            }
        }

        if (remote.Length > 0)
        {
            yield return remote;
        }
    }

    /// <summary>Something to do when the answer has been written, or never will be. What was added last is done first.</summary>
    internal void OnFinished(Action action) => _finished = _finished is null ? action : action + _finished;

    /// <summary>The answer has been written, or never will be. Whoever runs the pipeline says so, once.</summary>
    internal void Finish()
    {
        var finished = _finished;
        _finished = null;
        finished?.Invoke();
    }

    /// <summary>Adds a warning once.</summary>
    public void Warn(string text)
    {
        if (!Warnings.Contains(text))
        {
            Warnings.Add(text);
        }
    }
}
