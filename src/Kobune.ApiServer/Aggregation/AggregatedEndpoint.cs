using System.Net;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Aggregation;

/// <summary>Everything below /apis/GROUP/VERSION of an aggregated API: authorized here, answered there. Source: k8s.io/kube-aggregator, apiserver/handler_proxy.</summary>
internal sealed class AggregatedEndpoint(AggregatedApis apis, AggregatedCaller caller, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The API that answers a path; null when this server does.</summary>
    public AggregatedApi? Find(string path)
    {
        if (apis.All.Count == 0 || !path.StartsWith("/apis/", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = path.Split('/', 5);
        return parts.Length < 4 ? null : apis.Find(parts[2], parts[3]);
    }

    public async ValueTask<ApiResult> ServeAsync(AggregatedApi api, ApiCall call, CancellationToken ct)
    {
        if (!api.IsAvailable)
        {
            return Unavailable(call);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var timer = IsLongRunning(call) ? null : time.CreateTimer(_ => patience.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            return await ForwardAsync(api, call, patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw StatusErrors.Timeout("request did not complete within the allotted timeout", 0);
        }
    }

    /// <summary>A document of an aggregated server that is no part of its API: OpenAPI.</summary>
    public async ValueTask<ApiResult> ServeDocumentAsync(AggregatedApi api, string path, ApiCall call, CancellationToken ct) =>
        api.IsAvailable ? new ForwardedResult(await caller.GetAsync(api, path, "system:aggregator", call.Accept is { Length: > 0 } accept ? accept : "application/json", ct)) : Unavailable(call);

    private static bool IsLongRunning(ApiCall call) =>
        call.Info.Verb is "watch" or "proxy" || call.Info.Subresource is "proxy" or "exec" or "attach" or "log" or "portforward" || (call.Http is { } http && HttpForward.IsUpgrade(http.Request));

    /// <summary>Plain words over HTTP, as upstream's handler answers.</summary>
    private static BytesResult Unavailable(ApiCall call) => call.Http is null
        ? throw StatusErrors.ServiceUnavailable("service unavailable")
        : new("text/plain; charset=utf-8", "service unavailable\n"u8.ToArray(), 503);

    private async ValueTask<ApiResult> ForwardAsync(AggregatedApi api, ApiCall call, CancellationToken ct)
    {
        var (invoker, address) = await caller.ResolveAsync(api, ct);
        if (call.Http is not { } http)
        {
            using var local = await LocalRequestAsync(call, address, ct);
            AggregatedCaller.Sign(local, api, call.User!);
            return new ForwardedResult(await HttpForward.SendAsync(invoker, local, ct));
        }

        using var request = HttpForward.Request(http.Request, new Uri(address, Target(http.Request.PathBase + http.Request.Path, http.Request.QueryString.Value)));
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", http.Connection.RemoteIpAddress?.ToString());
        if (!HttpForward.IsUpgrade(http.Request))
        {
            AggregatedCaller.Sign(request, api, call.User!);
            return new ForwardedResult(await HttpForward.SendAsync(invoker, request, ct));
        }

        HttpForward.AddUpgrade(http.Request, request);
        AggregatedCaller.Sign(request, api, call.User!);
        var response = await HttpForward.SendAsync(invoker, request, ct);
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            return new ForwardedResult(response);
        }

        using (response)
        {
            await HttpForward.JoinAsync(http, response, ct);
        }

        return new TakenOverResult();
    }

    private static string Target(string path, string? query) => string.Concat(Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal), query);

    private static string Query(QueryValues query) =>
        query.Items.Count == 0 ? "" : "?" + string.Join('&', query.Items.Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value)}"));

    private static async Task<HttpRequestMessage> LocalRequestAsync(ApiCall call, Uri address, CancellationToken ct)
    {
        var request = new HttpRequestMessage(new HttpMethod(call.Method), new Uri(address, Target(call.Path, Query(call.Query))));
        request.Headers.TryAddWithoutValidation("Accept", call.Accept is { Length: > 0 } accept ? accept : "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", call.UserAgent);
        if (await call.ReadBodyAsync(ct) is { Length: > 0 } body)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", call.ContentType ?? "application/json");
        }

        return request;
    }
}
