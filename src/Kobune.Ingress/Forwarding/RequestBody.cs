using System.Buffers;
using System.Net;
using Kobune.Ingress.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kobune.Ingress.Forwarding;

/// <summary>
/// A request's body on its way. A short one is read whole first, as nginx does with every body, so that another endpoint can be given it; a long one
/// or one of unknown length flows through, and counts as used once its first byte was asked for.
/// </summary>
internal sealed class RequestBody
{
    private const int MaxBuffered = 64 * 1024;
    private const int ChunkSize = 32 * 1024;

    /// <summary>nginx' client_body_timeout.</summary>
    private static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(60);
    private readonly IngressCall _call;
    private readonly ActivityTimeout _timeout;
    private readonly byte[]? _whole;

    private RequestBody(IngressCall call, ActivityTimeout timeout, byte[]? whole) => (_call, _timeout, _whole) = (call, timeout, whole);

    /// <summary>Whether another endpoint can be given it.</summary>
    public bool CanRepeat => _whole is not null || !Started;

    public bool Started { get; private set; }

    public bool TooLarge { get; private set; }

    /// <summary>Whether the client is waited for just now.</summary>
    public bool Reading { get; private set; }

    /// <summary>Null when the request has no body.</summary>
    public static async ValueTask<RequestBody?> PrepareAsync(IngressCall call, ActivityTimeout timeout)
    {
        var request = call.Http.Request;
        if (call.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } || request.ContentLength == 0)
        {
            return null;
        }

        if (request.ContentLength is not { } length || length > MaxBuffered)
        {
            return new(call, timeout, null);
        }

        var whole = new byte[length];
        timeout.Touch(ClientPatience);
        await request.Body.ReadExactlyAsync(whole, timeout.Token);
        return new(call, timeout, whole);
    }

    public HttpContent CreateContent() => _whole is not null ? new ByteArrayContent(_whole) : new Streamed(this);

    private async Task CopyAsync(Stream to, CancellationToken ct)
    {
        Started = true;
        var settings = _call.Location.Settings;
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            await to.FlushAsync(ct); // the headers go ahead: a stream's first message may come much later
            for (long total = 0; ;)
            {
                Reading = true;
                _timeout.Touch(ClientPatience);
                var count = await _call.Http.Request.Body.ReadAsync(buffer, ct);
                Reading = false;
                if (count == 0)
                {
                    break;
                }

                total += count;
                if (total > settings.BodySize)
                {
                    TooLarge = true;
                    throw new IOException("The client sent more than proxy-body-size allows");
                }

                _timeout.Touch(settings.SendTimeout);
                await to.WriteAsync(buffer.AsMemory(0, count), ct);
                await to.FlushAsync(ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _timeout.Touch(settings.ReadTimeout); // from here on the endpoint is waited for
    }

    private sealed class Streamed(RequestBody body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => body.CopyAsync(stream, body._timeout.Token);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => body.CopyAsync(stream, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = body._call.Http.Request.ContentLength ?? 0;
            return body._call.Http.Request.ContentLength is not null;
        }
    }
}
