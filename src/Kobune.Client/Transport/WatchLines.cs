using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Kobune.Api;

namespace Kobune.Client.Transport;

/// <summary>A watch as it comes over HTTP: one JSON object {"type","object"} after the other, mostly one a line, cut anywhere by the network.</summary>
internal static class WatchLines
{
    /// <summary>The largest event that is taken; objects are limited to 1.5 MiB by the store, what is longer is no watch.</summary>
    private const int MaxEvent = 64 << 20;

    /// <summary>Reads events until the stream ends. An event that was cut off by the end is left out: the next watch delivers it again.</summary>
    /// <exception cref="HttpRequestException">What came is not a watch.</exception>
    public static async IAsyncEnumerable<ApiWatchEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken ct)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, bufferSize: 16 << 10));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(ct);
                var buffer = result.Buffer;
                while (TryTake(ref buffer, out var change))
                {
                    yield return change;
                }

                if (buffer.Length > MaxEvent)
                {
                    throw new HttpRequestException($"a watch event exceeds {MaxEvent} bytes");
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <summary>Takes one whole line off the front. Encoders never write a line feed inside of an event.</summary>
    private static bool TryTake(ref ReadOnlySequence<byte> buffer, out ApiWatchEvent change)
    {
        while (buffer.PositionOf((byte)'\n') is { } end)
        {
            var line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            if (!IsBlank(line))
            {
                change = Parse(line.ToArray());
                return true;
            }
        }

        change = default;
        return false;
    }

    private static bool IsBlank(ReadOnlySequence<byte> line)
    {
        foreach (var part in line)
        {
            if (part.Span.ContainsAnyExcept(" \t\r"u8))
            {
                return false;
            }
        }

        return true;
    }

    internal static ApiWatchEvent Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line.Span, new JsonReaderOptions { MaxDepth = 10_000 });
            string? type = null;
            ReadOnlyMemory<byte> body = default;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("not an object");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    type = TypeOf(ref reader);
                    continue;
                }

                var wanted = reader.ValueTextEquals("object"u8);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (wanted)
                {
                    body = line[start..(int)reader.BytesConsumed];
                }
            }

            return type is null || body.IsEmpty ? throw new JsonException("no type or no object") : new(type, new EncodedObject(body));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new HttpRequestException("the server's answer is not a watch: " + e.Message, e);
        }
    }

    private static string TypeOf(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<string> known = [WatchEventType.Added, WatchEventType.Modified, WatchEventType.Deleted, WatchEventType.Bookmark, WatchEventType.Error];
        foreach (var type in known)
        {
            if (reader.ValueTextEquals(type))
            {
                return type;
            }
        }

        return reader.GetString() ?? "";
    }
}
