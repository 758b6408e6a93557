using System.Text;
using Kobune.Client.Transport;

namespace Kobune.Client.Tests;

public class WatchLinesTests
{
    private const string Text = "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"name\":\"ü{}\\n\\\"\"}}}\n\r\n{\"object\":{\"a\":[1,{}]},\"extra\":null,\"type\":\"BOOKMARK\"}\n";

    public static TheoryData<int> Cuts => [.. Enumerable.Range(0, Encoding.UTF8.GetByteCount(Text) + 1)];

    [Theory, MemberData(nameof(Cuts))]
    public async Task Events_survive_every_cut(int cut)
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        var events = await Read(new CutStream(bytes[..cut], bytes[cut..]));
        Assert.Equal(["ADDED", "BOOKMARK"], events.Select(e => e.Type));
        Assert.Equal("{\"a\":[1,{}]}", Encoding.UTF8.GetString(events[1].Object.Json.Span));
    }

    [Theory, MemberData(nameof(Cuts))]
    public async Task An_event_cut_off_by_the_end_is_left_out(int cut)
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        var events = await Read(new MemoryStream(bytes[..cut]));
        Assert.Equal(bytes[..cut].Count(b => b == '\n') switch { 0 => 0, 1 or 2 => 1, _ => 2 }, events.Count);
    }

    [Theory]
    [InlineData("<html>\n")]
    [InlineData("[]\n")]
    [InlineData("{\"type\":\"ADDED\"}\n")]
    [InlineData("{\"type\":7,\"object\":{}}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{]\n")]
    public async Task What_is_no_watch_says_so(string text)
    {
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => Read(new MemoryStream(Encoding.UTF8.GetBytes(text))));
        Assert.Contains("not a watch", error.Message);
    }

    private static async Task<List<ApiWatchEvent>> Read(Stream stream)
    {
        var events = new List<ApiWatchEvent>();
        await foreach (var change in WatchLines.ReadAsync(stream, default))
        {
            events.Add(change);
        }

        return events;
    }

    /// <summary>Gives its parts one by one.</summary>
    private sealed class CutStream(params byte[][] parts) : Stream
    {
        private readonly Queue<byte[]> _parts = new(parts.Where(p => p.Length > 0));

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (!_parts.TryDequeue(out var part))
            {
                return 0;
            }

            part.CopyTo(buffer, offset);
            return part.Length;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_parts.TryDequeue(out var part))
            {
                return new(0);
            }

            part.CopyTo(buffer);
            return new(part.Length);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
