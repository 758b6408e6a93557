using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer;

/// <summary>Answers of aggregated API servers for clients in the same process: JSON that came over a connection, cut into objects.</summary>
internal static class ForwardedAnswers
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonText.MaxDepth };

    public static async Task<InProcessAnswer> ReadAsync(ForwardedResult result, IReadOnlyList<string> warnings, CancellationToken ct)
    {
        using var response = result.Response;
        return new(result.StatusCode, new EncodedObject(await BodyAsync(response, ct)), response.Headers.RetryAfter?.Delta, warnings);
    }

    public static async Task<InProcessList> ReadListAsync(ForwardedResult result, CancellationToken ct)
    {
        using var response = result.Response;
        var body = await BodyAsync(response, ct);
        if (result.StatusCode >= 400)
        {
            return new([], "", null, new EncodedObject(body), result.StatusCode);
        }

        using var document = JsonDocument.Parse(body, Options);
        var root = document.RootElement;
        var items = root.TryGetProperty("items", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(Encoded).ToArray() : [];
        return new(items, Meta(root, "resourceVersion"), Meta(root, "continue") is { Length: > 0 } token ? token : null, null, result.StatusCode);
    }

    public static async IAsyncEnumerable<(string Type, EncodedObject Object)> ReadWatchAsync(ForwardedResult result, [EnumeratorCancellation] CancellationToken ct)
    {
        using var response = result.Response;
        if (result.StatusCode >= 400)
        {
            yield return ("ERROR", new EncodedObject(await BodyAsync(response, ct)));
            yield break;
        }

        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
        while (await lines.ReadLineAsync(ct) is { } line)
        {
            using var document = JsonDocument.Parse(line, Options);
            yield return (document.RootElement.GetProperty("type").GetString()!, Encoded(document.RootElement.GetProperty("object")));
        }
    }

    private static string Meta(JsonElement list, string name) =>
        list.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static EncodedObject Encoded(JsonElement element) => new(Encoding.UTF8.GetBytes(element.GetRawText()));

    /// <summary>The body as JSON: what refuses in plain words becomes a Status.</summary>
    private static async Task<byte[]> BodyAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        return response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType == "application/json"
            ? body
            : JsonText.Bytes((await Handlers.ConnectEndpoints.RefusalAsync(response, ct)).Status);
    }
}
