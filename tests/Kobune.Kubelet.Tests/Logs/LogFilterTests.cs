using System.Buffers;
using System.Text;
using Kobune.Kubelet.Logs;

namespace Kobune.Kubelet.Tests.Logs;

public class LogFilterTests
{
    private const string Log =
        "2026-01-02T03:04:05.000000001Z stdout F one\n" +
        "2026-01-02T03:04:06.000000001Z stderr F oops\n" +
        "not a line of a log\n" +
        "2026-01-02T03:04:07.000000001Z stdout P two, \n" +
        "2026-01-02T03:04:08.000000001Z stdout F and a half\n" +
        "2026-01-02T03:04:09.000000001Z stdout F \n" +
        "2026-01-02T03:04:10.000000001Z stdout F 小舟";

    private static string Filter(LogOptions options, int cut)
    {
        var bytes = Encoding.UTF8.GetBytes(Log);
        var output = new ArrayBufferWriter<byte>();
        var filter = new LogFilter(options);
        filter.Add(bytes.AsSpan(0, cut), output);
        filter.Add(bytes.AsSpan(cut), output);
        filter.Complete(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void EveryCut(LogOptions options, string expected)
    {
        for (var cut = 0; cut <= Encoding.UTF8.GetByteCount(Log); cut++)
        {
            Assert.Equal(expected, Filter(options, cut));
        }
    }

    [Fact]
    public void Text_is_joined_whatever_the_cut() => EveryCut(new(), "one\noops\ntwo, and a half\n\n小舟\n");

    [Fact]
    public void Streams_can_be_told_apart() => EveryCut(new() { Stream = "Stderr" }, "oops\n");

    [Fact]
    public void Since_leaves_out_what_is_older() => EveryCut(new() { Since = DateTimeOffset.Parse("2026-01-02T03:04:09Z", System.Globalization.CultureInfo.InvariantCulture) }, "\n小舟\n");

    [Fact]
    public void Timestamps_stand_before_whole_lines() =>
        EveryCut(new() { Timestamps = true, Since = DateTimeOffset.Parse("2026-01-02T03:04:07Z", System.Globalization.CultureInfo.InvariantCulture) },
            "2026-01-02T03:04:07.000000001Z two, and a half\n2026-01-02T03:04:09.000000001Z \n2026-01-02T03:04:10.000000001Z 小舟\n");

    [Fact]
    public void Byte_limit_cuts_exactly() => EveryCut(new() { LimitBytes = 6 }, "one\noo");

    [Theory]
    [InlineData("a\nb\nc\n", 1, 4)]
    [InlineData("a\nb\nc", 1, 4)]
    [InlineData("a\nb\nc\n", 2, 2)]
    [InlineData("a\nb\nc\n", 3, 0)]
    [InlineData("a\nb\nc\n", 9, 0)]
    [InlineData("a\nb\nc\n", 0, 6)]
    [InlineData("", 3, 0)]
    public void Tail_begins_at_a_line(string text, long lines, long offset)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        Assert.Equal(offset, LogTail.Offset(stream, lines));
    }
}
