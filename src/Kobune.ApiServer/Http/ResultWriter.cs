using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Streaming;
using Kobune.ApiServer.Watch;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Kobune.ApiServer.Http;

/// <summary>Writes an endpoint's answer as the client wants it: negotiated form, warnings, compression.</summary>
internal sealed class ResultWriter(ApiSchema schema, ResourceRegistry registry, FeatureGates features, TimeProvider time)
{
    private const int CompressFrom = 128 * 1024;

    private readonly EntryForms _forms = new(schema);
    private readonly bool _compresses = features.IsEnabled("APIResponseCompression");

    public async Task WriteAsync(HttpContext context, ApiCall call, ApiResult result, CancellationToken ct)
    {
        if (!context.Response.HasStarted) // a proxied answer has
        {
            WriteHeaders(context.Response.Headers, call);
        }

        try
        {
            await WriteResultAsync(context, call, result, ct);
        }
        catch (StatusException e) when (!context.Response.HasStarted)
        {
            var refusal = ErrorFilter.Result(e);
            await WriteBytesAsync(context, call, MediaTypes.Json, refusal.Document.Json, refusal.StatusCode, ct);
        }
    }

    private static void WriteHeaders(IHeaderDictionary headers, ApiCall call)
    {
        foreach (var warning in call.Warnings.Count == 0 ? [] : WarningHeaders.Of(call.Warnings)) // none on nearly every answer
        {
            headers.Append(HeaderNames.Warning, warning);
        }

        headers.CacheControl = "no-cache, private";
        headers["Audit-Id"] = call.AuditId ??= Guid.NewGuid().ToString();
        if (call.FlowSchemaUid is { } schema)
        {
            headers["X-Kubernetes-PF-FlowSchema-UID"] = schema;
            headers["X-Kubernetes-PF-PriorityLevel-UID"] = call.PriorityLevelUid;
        }
    }

    private async Task WriteResultAsync(HttpContext context, ApiCall call, ApiResult result, CancellationToken ct)
    {
        switch (result)
        {
            case TakenOverResult:
                return;
            case ObjectResult one:
                var form = FormOf(call, one.Resource);
                await WriteBytesAsync(context, call, form.MediaType, OneObject(call, one, form), one.StatusCode, ct);
                return;
            case ListResult list:
                await WriteListAsync(context, call, list, FormOf(call, list.Resource), ct);
                return;
            case DocumentResult document:
                await WriteDocumentAsync(context, call, document, ct);
                return;
            case WatchResult watch:
                await new WatchWriter(_forms, registry, watch, FormOf(call, watch.Resource), TableWriter.IncludeObject(call.Query), schema, time)
                    .WriteAsync(context.Response, ct);
                return;
            case BytesResult bytes:
                await WriteFixedAsync(context, call, bytes, ct);
                return;
            case ForwardedResult { Response: var response }:
                using (response)
                {
                    await HttpForward.AnswerAsync(context.Response, response, ct);
                }

                return;
            case StreamResult stream when WebSocketHandshake.IsRequested(context.Request):
                await ReaderSocket.ServeAsync(context, stream, ct);
                return;
            case StreamResult stream:
                context.Response.StatusCode = 200;
                context.Response.ContentType = stream.ContentType;
                await context.Response.StartAsync(ct);
                await stream.WriteAsync(context.Response.Body, ct);
                return;
            default:
                throw new InvalidOperationException($"{result.GetType().Name} cannot be written");
        }
    }

    private static AnswerForm FormOf(ApiCall call, ServedResource resource) => AcceptHeader.Negotiate(call.Accept, hasProtobuf: resource.Schema.Type.HasProtobuf);

    private ReadOnlyMemory<byte> OneObject(ApiCall call, ObjectResult one, AnswerForm form) => form.Form == ObjectForm.Table
        ? Json(writer => Table(call, one.Resource, form).Write(writer, [one.Entry], $"{one.Entry.Revision}", "", null))
        : _forms.Bytes(one.Entry, one.Resource, form);

    private TableWriter Table(ApiCall call, ServedResource resource, AnswerForm form) =>
        TableWriter.Of(resource, registry, form.MetaVersion, TableWriter.IncludeObject(call.Query), time.GetUtcNow());

    private async Task WriteListAsync(HttpContext context, ApiCall call, ListResult result, AnswerForm form, CancellationToken ct)
    {
        if (form.Form == ObjectForm.Table)
        {
            var list = result.List;
            var table = Json(writer => Table(call, result.Resource, form).Write(writer, list.Items, $"{list.Revision}", list.Continue, list.Remaining));
            await WriteBytesAsync(context, call, form.MediaType, table, 200, ct);
            return;
        }

        var body = ListBody.Of(result, form, _forms, schema);
        if (form.MediaType == MediaTypes.Yaml || IsPretty(call) || (WantsGzip(context) && body.Length >= CompressFrom))
        {
            await WriteBytesAsync(context, call, form.MediaType, body.ToArray(), 200, ct);
            return;
        }

        context.Response.StatusCode = 200;
        context.Response.ContentType = form.MediaType;
        context.Response.ContentLength = body.Length;
        if (call.Method != "HEAD")
        {
            await body.WriteAsync(context.Response.BodyWriter, ct);
        }
    }

    private async Task WriteDocumentAsync(HttpContext context, ApiCall call, DocumentResult document, CancellationToken ct)
    {
        if (document.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = $"{(int)wait.TotalSeconds}";
        }

        if (document.PlainText is { } text)
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await WriteBytesAsync(context, call, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"), document.StatusCode, ct);
            return;
        }

        var form = FormOfDocument(call, document.StatusCode);
        var bytes = document.Document.Json;
        if (document.Table is { } shape && form.Form == ObjectForm.Table)
        {
            var entry = CacheEntry.FromStored("", bytes, 0);
            var table = new TableWriter(shape.Columns, item => shape.Cells(item, time.GetUtcNow()), form.MetaVersion, TableWriter.IncludeObject(call.Query));
            bytes = Json(writer => table.Write(writer, [entry], JsonFields.Text(bytes.Span, "metadata.resourceVersion"), "", null));
        }
        else if (document.Table is not null && form is { Form: ObjectForm.Partial, IsProtobuf: false })
        {
            bytes = EntryForms.PartialJson(CacheEntry.FromStored("", bytes, 0), form.MetaVersion);
        }
        else if (form.IsProtobuf)
        {
            var (apiVersion, kind) = ObjectReader.ReadTypeMeta(ObjectReader.Parse(bytes.Span));
            var type = schema.FindKind(apiVersion, kind);
            if (type is { HasProtobuf: true })
            {
                bytes = ProtobufEnvelope.Encode(bytes.Span, type);
            }
            else
            {
                form = AnswerForm.Json;
            }
        }

        await WriteBytesAsync(context, call, form.MediaType, bytes, document.StatusCode, ct);
    }

    /// <summary>A refusal must reach also a client whose Accept nothing meets.</summary>
    private static AnswerForm FormOfDocument(ApiCall call, int code)
    {
        try
        {
            return AcceptHeader.Negotiate(call.Accept, hasShapes: code != 201); // 201: a review or token, which cannot be a Table
        }
        catch (StatusException) when (code >= 400)
        {
            return AnswerForm.Json;
        }
    }

    private async Task WriteFixedAsync(HttpContext context, ApiCall call, BytesResult result, CancellationToken ct)
    {
        if (result.Vary is { } vary)
        {
            context.Response.Headers.Vary = vary;
        }

        if (result.ETag is { } tag)
        {
            context.Response.Headers.ETag = tag;
            context.Response.Headers.CacheControl = "public";
            if (call.Header(HeaderNames.IfNoneMatch) is { } known && known.Split(',', StringSplitOptions.TrimEntries).Contains(tag))
            {
                context.Response.StatusCode = 304;
                return;
            }
        }

        await WriteBytesAsync(context, call, result.ContentType, result.Body, result.StatusCode, ct, isFixed: true); // what is no object is not indented for anybody
    }

    private async Task WriteBytesAsync(HttpContext context, ApiCall call, string mediaType, ReadOnlyMemory<byte> bytes, int code, CancellationToken ct, bool isFixed = false)
    {
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = mediaType.Length > 0 ? mediaType : null;
        if (mediaType == MediaTypes.Yaml)
        {
            bytes = JsonToYaml.Convert(bytes.Span);
        }
        else if (!isFixed && mediaType == MediaTypes.Json && IsPretty(call))
        {
            bytes = Indented(bytes);
        }

        if (call.Method == "HEAD")
        {
            response.ContentLength = bytes.Length;
            return;
        }

        if (bytes.Length >= CompressFrom && _compresses && WantsGzip(context))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = HeaderNames.AcceptEncoding;
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await gzip.WriteAsync(bytes, ct);
            return;
        }

        response.ContentLength = bytes.Length;
        await response.BodyWriter.WriteAsync(bytes, ct);
    }

    private static bool WantsGzip(HttpContext context) => context.Request.Headers.AcceptEncoding.Any(v => v is not null && v.Contains("gzip", StringComparison.OrdinalIgnoreCase));

    private static bool IsPretty(ApiCall call)
    {
        if (call.Query.Find("pretty") is { } wanted)
        {
            return wanted is not ("0" or "false");
        }

        return call.UserAgent.StartsWith("curl", StringComparison.Ordinal) || call.UserAgent.StartsWith("Wget", StringComparison.Ordinal) || call.UserAgent.StartsWith("Mozilla/5.0", StringComparison.Ordinal);
    }

    private static ReadOnlyMemory<byte> Indented(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth });
        return Json(document.RootElement.WriteTo, JsonText.WriterOptions with { Indented = true });
    }

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write, JsonWriterOptions? options = null)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, options ?? JsonText.WriterOptions))
        {
            write(writer);
        }

        return buffer.WrittenMemory;
    }
}
