using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Kobune.Grpc;

/// <summary>A call with two streams. Writes may come from any thread, one reader reads. Disposing resets the stream.</summary>
public sealed class GrpcDuplexCall<TRequest, TResponse> : IDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly GrpcRequestStream<TRequest> _requests;
    private readonly GrpcStreamReader<TResponse> _reader;
    private readonly HttpRequestMessage _message;
    private readonly Task _opened;

    internal GrpcDuplexCall(GrpcRequestStream<TRequest> requests, GrpcStreamReader<TResponse> reader, HttpRequestMessage message, Task opened)
    {
        _requests = requests;
        _reader = reader;
        _message = message;
        _opened = opened;
    }

    /// <summary>Sends one message at once.</summary>
    public Task WriteAsync(TRequest request, CancellationToken ct) => _requests.WriteAsync(request, ct);

    /// <summary>No further request follows.</summary>
    public void CompleteRequests() => _requests.Complete();

    /// <summary>The answers, until the server ends the call with OK.</summary>
    /// <exception cref="RpcException">The call ended with another status.</exception>
    public async IAsyncEnumerable<TResponse> ReadAllAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await _opened.WaitAsync(ct);
        while (await _reader.ReadAsync().AsTask().WaitAsync(ct) is { } answer)
        {
            yield return answer;
        }
    }

    /// <summary>The single answer of a client-streaming call.</summary>
    public async Task<TResponse> SingleAsync(CancellationToken ct)
    {
        TResponse? last = null;
        await foreach (var answer in ReadAllAsync(ct))
        {
            last = answer;
        }

        return last ?? throw new RpcException(StatusCode.Internal, "the server answered without a message");
    }

    /// <summary>Ends the call, reset when it is not over.</summary>
    public void Dispose()
    {
        _requests.Complete();
        _reader.Dispose();
        _message.Dispose();
    }
}
