using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Kobune.Ingress.Tests;

/// <summary>A request body that a test writes piece by piece.</summary>
internal sealed class DuplexContent : HttpContent
{
    private readonly Channel<string> _pieces = Channel.CreateUnbounded<string>();

    public ValueTask WriteAsync(string piece) => _pieces.Writer.WriteAsync(piece);

    public void Complete() => _pieces.Writer.Complete();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await foreach (var piece in _pieces.Reader.ReadAllAsync())
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(piece));
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
