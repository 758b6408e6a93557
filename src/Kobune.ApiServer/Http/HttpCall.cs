using System.IO.Compression;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Http;

/// <summary>An HTTP request as an <see cref="ApiCall"/>.</summary>
internal static class HttpCall
{
    public static ApiCall Of(HttpContext context)
    {
        var request = context.Request;
        return new ApiCall
        {
            Method = request.Method,
            Path = request.Path.Value ?? "/",
            Query = QueryValues.Parse(request.QueryString.Value),
            QueryText = request.QueryString.Value ?? "",
            AuditId = request.Headers.TryGetValue("Audit-ID", out var id) && id.ToString() is { Length: > 0 } given ? given : null,
            ContentType = request.ContentType,
            Accept = request.Headers.Accept.ToString(),
            UserAgent = request.Headers.UserAgent.ToString(),
            Header = name => request.Headers.TryGetValue(name, out var value) ? value.ToString() : null,
            HeadersWithPrefix = prefix => WithPrefix(request.Headers, prefix),
            BodyReader = ct => ReadBodyAsync(request, ct),
            Http = context,
        };
    }

    private static List<KeyValuePair<string, string>> WithPrefix(IHeaderDictionary headers, string prefix)
    {
        List<KeyValuePair<string, string>>? found = null;
        foreach (var (name, values) in headers)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                foreach (var value in values)
                {
                    (found ??= []).Add(new(name[prefix.Length..], value ?? ""));
                }
            }
        }

        return found ?? [];
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength == 0)
        {
            return default;
        }

        if (request.ContentLength > BodyLimit.MaxBytes)
        {
            throw TooLarge();
        }

        var gzip = request.Headers.ContentEncoding.ToString() == "gzip";
        using var body = new MemoryStream((int)(request.ContentLength ?? 4096));
        await using var source = gzip ? new GZipStream(request.Body, CompressionMode.Decompress) : request.Body;
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await source.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + read > BodyLimit.MaxBytes)
            {
                throw TooLarge();
            }

            body.Write(buffer, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static StatusException TooLarge() => StatusErrors.RequestEntityTooLarge($"limit is {BodyLimit.MaxBytes}");
}
