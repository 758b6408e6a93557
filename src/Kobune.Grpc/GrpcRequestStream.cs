using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Kobune.Grpc;

/// <summary>A request body that stays open: what is written goes out at once, as one frame a message.</summary>
internal sealed class GrpcRequestStream<TRequest> : HttpContent
    where TRequest : class, IMessage<TRequest>
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _turn = new(1, 1);

    internal GrpcRequestStream()
    {
        Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
    }

    internal async Task WriteAsync(TRequest message, CancellationToken ct)
    {
        var stream = await _opened.Task.WaitAsync(ct);
        await _turn.WaitAsync(ct);
        try
        {
            await stream.WriteAsync(GrpcFrame.Encode(message), ct);
            await stream.FlushAsync(ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    internal void Complete() => _completed.TrySetResult();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The headers go out with the first flush: a server answers its headers only after it saw ours.
        await stream.FlushAsync(cancellationToken);
        _opened.TrySetResult(stream);
        await _completed.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _opened.TrySetException(new RpcException(StatusCode.Cancelled, "the call ended"));
        _ = _opened.Task.Exception; // observed: nobody may be waiting
        _completed.TrySetResult();
        if (disposing)
        {
            _turn.Dispose();
        }

        base.Dispose(disposing);
    }
}
