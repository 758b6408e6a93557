using System.Buffers;
using System.Text;
using System.Text.Json;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Http;

/// <summary>Writes a watch as a stream of frames: one line of JSON each, or length-prefixed protobuf. Flushes when nothing more is at hand.</summary>
internal sealed class WatchWriter(EntryForms forms, ResourceRegistry registry, WatchResult watch, AnswerForm form, string includeObject, ApiSchema schema, TimeProvider time)
{
    private readonly ServedResource _resource = watch.Resource;
    private bool _columnsSent;

    public async Task WriteAsync(HttpResponse response, CancellationToken ct)
    {
        if (form.MediaType == MediaTypes.Yaml)
        {
            throw StatusErrors.NotAcceptable([MediaTypes.Json, ProtobufEnvelope.WatchMediaType]);
        }

        response.StatusCode = 200;
        response.ContentType = form.IsProtobuf ? ProtobufEnvelope.WatchMediaType : MediaTypes.Json;
        await response.StartAsync(ct);
        await response.BodyWriter.FlushAsync(ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var events = watch.Events.GetAsyncEnumerator(stop.Token);
        var next = events.MoveNextAsync().AsTask();
        while (true)
        {
            if (!next.IsCompleted)
            {
                await FlushAsync(response, next, stop, ct);
            }

            if (!await next)
            {
                break;
            }

            Write(response.BodyWriter, events.Current);
            next = events.MoveNextAsync().AsTask();
        }

        await response.BodyWriter.FlushAsync(ct);
    }

    /// <summary>Flushes while the next event is awaited. When that fails, the wait ends first: events that are awaited cannot be disposed.</summary>
    private static async Task FlushAsync(HttpResponse response, Task next, CancellationTokenSource stop, CancellationToken ct)
    {
        try
        {
            await response.BodyWriter.FlushAsync(ct);
        }
        catch
        {
            await stop.CancelAsync();
            await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private void Write(IBufferWriter<byte> output, WatchEvent item)
    {
        if (form.IsProtobuf)
        {
            var bytes = item.Error is { } status
                ? ProtobufEnvelope.Encode(JsonText.Bytes(status), schema.FindKind("meta", "v1", "Status")!)
                : forms.Bytes(watch.InVersion(item.Entry!), _resource, form).Span;
            output.Write(ProtobufEnvelope.WatchFrame(item.TypeName, bytes));
            return;
        }

        output.Write(Encoding.UTF8.GetBytes($"{{\"type\":\"{item.TypeName}\",\"object\":"));
        output.Write(Json(item).Span);
        output.Write("}\n"u8);
    }

    private ReadOnlyMemory<byte> Json(WatchEvent item)
    {
        if (item.Error is { } status)
        {
            return JsonText.Bytes(status);
        }

        var entry = watch.InVersion(item.Entry!);
        if (form.Form != ObjectForm.Table)
        {
            return forms.Bytes(entry, _resource, form);
        }

        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            TableWriter.Of(_resource, registry, form.MetaVersion, includeObject, time.GetUtcNow())
                .Write(writer, [entry], $"{entry.Revision}", "", null, withColumns: !_columnsSent);
        }

        _columnsSent = true;
        return buffer.WrittenMemory;
    }
}
