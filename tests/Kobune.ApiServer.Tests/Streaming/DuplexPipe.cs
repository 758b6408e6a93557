using System.IO.Pipelines;

namespace Kobune.ApiServer.Tests.Streaming;

/// <summary>Two connected streams in memory.</summary>
internal static class DuplexPipe
{
    public static (Stream A, Stream B) Create()
    {
        var there = new Pipe();
        var back = new Pipe();
        return (new Half(back.Reader.AsStream(), there.Writer.AsStream()), new Half(there.Reader.AsStream(), back.Writer.AsStream()));
    }

    private sealed class Half(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException("a pipe has no length");

        public override long Position
        {
            get => throw new NotSupportedException("a pipe has no position");
            set => throw new NotSupportedException("a pipe has no position");
        }

        public override void Flush() => output.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("a pipe cannot seek");

        public override void SetLength(long value) => throw new NotSupportedException("a pipe has no length");

        protected override void Dispose(bool disposing)
        {
            input.Dispose();
            output.Dispose();
            base.Dispose(disposing);
        }
    }
}
