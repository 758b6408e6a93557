using Google.Protobuf;

namespace Kobune.Grpc;

/// <summary>The answering half of a streaming call.</summary>
internal sealed class GrpcStreamReader<TResponse>(MessageParser<TResponse> parser, int maxSize, Deadline deadline) : IDisposable
    where TResponse : class, IMessage<TResponse>
{
    private HttpResponseMessage? _response;
    private Stream? _stream;

    internal CancellationToken Token => deadline.Token;

    internal async Task OpenAsync(HttpMessageInvoker invoker, HttpRequestMessage message)
    {
        try
        {
            _response = await invoker.SendAsync(message, deadline.Token);
            GrpcStatus.ThrowIfNotGrpc(_response);
            _stream = await _response.Content.ReadAsStreamAsync(deadline.Token);
        }
        catch (Exception e) when (GrpcChannel.Translate(e, deadline) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>The next answer, or null at an end with OK.</summary>
    internal async ValueTask<TResponse?> ReadAsync()
    {
        try
        {
            var (found, answer) = await GrpcFrame.ReadAsync(_stream!, parser, maxSize, deadline.Token);
            if (!found)
            {
                GrpcStatus.ThrowIfFailed(_response!);
            }

            return answer;
        }
        catch (Exception e) when (GrpcChannel.Translate(e, deadline) is { } translated)
        {
            throw translated;
        }
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _response?.Dispose();
        deadline.Dispose();
    }
}
