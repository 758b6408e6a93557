using Kobune.ApiServer.Streaming;

namespace Kobune.ApiServer.Tests.Streaming;

public sealed class SpdyFrameTests
{
    [Fact]
    public void Heads_survive_the_wire()
    {
        SpdyFrameHead[] heads = [new(SpdyFrameType.Data, 7, 1, 123_456), new(SpdyFrameType.SynStream, 0, 0, 18), new(SpdyFrameType.GoAway, 0, 0, 8)];
        var bytes = new byte[SpdyFrameHead.Size];
        foreach (var head in heads)
        {
            head.Write(bytes);
            Assert.Equal(head, SpdyFrameHead.Read(bytes));
        }
    }

    [Fact]
    public void Each_header_block_ends_with_a_sync_flush()
    {
        var headers = new SpdyHeaderBlock();
        for (var i = 0; i < 2; i++)
        {
            var block = headers.Write([("streamType", "error")]);
            Assert.Equal([0x00, 0x00, 0x00, 0xFF, 0xFF], block[^5..]);
            Assert.Equal(i == 0 ? 0x78 : 0x00, block[0]);
        }
    }

    [Fact]
    public void Another_version_is_not_spdy() => Assert.Null(SpdyFrameHead.Read([0x80, 2, 0, 1, 0, 0, 0, 0]));

    [Fact]
    public async Task The_reader_ends_wherever_the_connection_is_cut()
    {
        byte[] wire =
        [
            0x80, 3, 0, 2, 0, 0, 0, 6, 0, 0, 0, 1, 9, 9, // SYN_REPLY with two bytes of headers
            0, 0, 0, 1, 0, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c',
            0x80, 3, 0, 3, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 5, // RST_STREAM
            0, 0, 0, 3, 1, 0, 0, 0, // empty data with FIN
        ];
        for (var cut = 0; cut <= wire.Length; cut++)
        {
            using var client = new SpdyClient(new MemoryStream(wire, 0, cut));
            var events = new List<string>();
            await client.ReceiveAsync(
                item =>
                {
                    events.Add($"{item.StreamId}:{item.Data.Length}:{item.End}");
                    return ValueTask.CompletedTask;
                },
                TestContext.Current.CancellationToken);
            if (cut == wire.Length)
            {
                Assert.Equal(["1:3:False", "1:0:True", "3:0:True"], events);
            }
        }
    }

    [Fact]
    public async Task Random_bytes_never_throw_anything_but_end()
    {
        var random = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var wire = new byte[random.Next(200)];
            random.NextBytes(wire);
            using var client = new SpdyClient(new MemoryStream([.. wire, .. new byte[64]]));
            await client.ReceiveAsync(_ => ValueTask.CompletedTask, TestContext.Current.CancellationToken);
        }
    }
}
