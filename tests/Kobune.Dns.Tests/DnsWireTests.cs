using System.Net;
using Kobune.Dns.Wire;

namespace Kobune.Dns.Tests;

public class DnsWireTests
{
    private static readonly DnsName Web = DnsName.Parse("web.default.svc.cluster.local");

    private static DnsMessage Sample() => new()
    {
        Id = 0x1234,
        Flags = DnsFlags.Response | DnsFlags.Authoritative | DnsFlags.RecursionDesired | DnsFlags.RecursionAvailable,
        Questions = [new(Web, DnsType.SRV)],
        Answers =
        [
            new(Web, DnsType.SRV, DnsClass.IN, 30, new SrvData(0, 50, 80, DnsName.Parse("a.web.default.svc.cluster.local"))),
            new(Web, DnsType.MX, DnsClass.IN, 30, new MxData(10, DnsName.Parse("mail.cluster.local"))),
            DnsRecord.Pointer(DnsType.CNAME, Web, 30, DnsName.Parse("Example.COM")),
            DnsRecord.Address(Web, 30, IPAddress.Parse("10.96.0.1")),
            DnsRecord.Address(Web, 30, IPAddress.Parse("fd00::1")),
        ],
        Authorities = [new(DnsName.Parse("cluster.local"), DnsType.SOA, DnsClass.IN, 30, new SoaData(DnsName.Parse("ns.dns.cluster.local"), DnsName.Parse("hostmaster.cluster.local"), 1, 2, 3, 4, 5))],
        Additionals = [new(Web, DnsType.TXT, DnsClass.IN, 30, RawData.Text("1.1.0"))],
        Edns = new(1232, 0, true),
    };

    private static byte[] Encode(DnsMessage message, int limit = 4096)
    {
        var buffer = new byte[limit];
        return buffer[..DnsEncoder.Encode(message, buffer)];
    }

    [Fact]
    public void A_message_survives_the_wire()
    {
        var sample = Sample();
        Assert.True(DnsDecoder.TryDecode(Encode(sample), out var read));
        Assert.Equal(sample.Id, read.Id);
        Assert.Equal(sample.Flags, read.Flags);
        Assert.Equal(sample.Questions, read.Questions);
        Assert.Equal(sample.Answers, read.Answers);
        Assert.Equal(sample.Authorities, read.Authorities);
        Assert.Equal(((RawData)sample.Additionals[0].Data).Bytes.ToArray(), ((RawData)read.Additionals[0].Data).Bytes.ToArray());
        Assert.Equal(sample.Edns, read.Edns);
    }

    [Fact]
    public void Names_are_compressed_but_never_the_target_of_SRV()
    {
        var message = new DnsMessage { Questions = [new(Web, DnsType.A)], Answers = [.. Enumerable.Range(0, 10).Select(i => DnsRecord.Address(Web, 30, new IPAddress(i)))] };
        Assert.Equal(DnsDecoder.HeaderSize + Web.Wire.Length + 4 + (10 * 16), Encode(message).Length);
        var srv = new DnsMessage { Questions = [new(Web, DnsType.SRV)], Answers = [new(Web, DnsType.SRV, DnsClass.IN, 30, new SrvData(0, 1, 80, Web))] };
        Assert.Equal(DnsDecoder.HeaderSize + Web.Wire.Length + 4 + 12 + 6 + Web.Wire.Length, Encode(srv).Length);
    }

    [Fact]
    public void Spelling_is_kept_and_comparison_ignores_it()
    {
        var name = DnsName.Parse("Web.Default.svc.CLUSTER.local.");
        Assert.Equal("Web.Default.svc.CLUSTER.local.", name.ToString());
        Assert.Equal(Web, name);
        Assert.Equal(Web.GetHashCode(), name.GetHashCode());
        Assert.True(name.IsWithin("cluster.local"));
        Assert.False(DnsName.Parse("notcluster.local").IsWithin("cluster.local"));
    }

    [Fact]
    public void A_message_cut_at_any_byte_is_refused()
    {
        var whole = Encode(Sample());
        for (var size = 0; size < whole.Length; size++)
        {
            Assert.False(DnsDecoder.TryDecode(whole.AsSpan(0, size), out _), $"cut at {size}");
        }
    }

    [Fact]
    public void Any_changed_byte_is_survived()
    {
        var whole = Encode(Sample());
        var buffer = new byte[4096];
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var value in (byte[])[0, 1, 0x3F, 0x40, 0x80, 0xC0, 0xFF])
            {
                var broken = (byte[])whole.Clone();
                broken[at] = value;
                if (DnsDecoder.TryDecode(broken, out var message))
                {
                    DnsEncoder.Encode(message, buffer);
                }
            }
        }
    }

    [Theory]
    [InlineData("to itself", "C00C")]
    [InlineData("forward", "C00E 00")]
    [InlineData("around", "0161 C00C")]
    [InlineData("into the header's end, then itself", "C00D")]
    public void Pointer_loops_end(string name, string labels)
    {
        var bytes = Convert.FromHexString("123401000001000000000000" + labels.Replace(" ", "", StringComparison.Ordinal) + "00010001");
        Assert.False(DnsDecoder.TryDecode(bytes, out _), name);
    }

    [Fact]
    public void A_name_may_not_grow_beyond_255_bytes_by_pointers()
    {
        // four labels of 63 bytes, the last continued by a pointer to the first
        byte[] label = [63, .. Enumerable.Repeat((byte)'a', 63)];
        byte[] first = [.. label, .. label, .. label, 0];
        byte[] bytes = [0, 1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, .. first, 0, 1, 0, 1, .. label, 0xC0, 12, 0, 1, 0, 1];
        Assert.False(DnsDecoder.TryDecode(bytes, out _));
    }

    [Fact]
    public void A_pointer_to_earlier_labels_is_followed()
    {
        byte[] bytes = [0, 1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 3, (byte)'o', (byte)'r', (byte)'g', 0, 0, 1, 0, 1, 1, (byte)'a', 0xC0, 12, 0, 1, 0, 1];
        Assert.True(DnsDecoder.TryDecode(bytes, out var message));
        Assert.Equal("a.org.", message.Questions[1].Name.ToString());
    }

    [Fact]
    public void What_does_not_fit_is_left_out_and_marked()
    {
        var message = new DnsMessage
        {
            Flags = DnsFlags.Response,
            Questions = [new(Web, DnsType.A)],
            Answers = [.. Enumerable.Range(0, 100).Select(i => DnsRecord.Address(Web, 30, new IPAddress(i)))],
            Edns = new(512),
        };
        var bytes = Encode(message, 512);
        Assert.InRange(bytes.Length, 490, 512);
        Assert.True(DnsDecoder.TryDecode(bytes, out var read));
        Assert.True(read.Has(DnsFlags.Truncated));
        Assert.InRange(read.Answers.Count, 20, 30);
        Assert.NotNull(read.Edns);
        Assert.Equal(100, Decode(Encode(message, 4096)).Answers.Count);
    }

    [Fact]
    public void Missing_additional_records_are_silent()
    {
        var message = new DnsMessage { Questions = [new(Web, DnsType.A)], Additionals = [.. Enumerable.Range(0, 100).Select(i => DnsRecord.Address(Web, 30, new IPAddress(i)))] };
        var read = Decode(Encode(message, 512));
        Assert.False(read.Has(DnsFlags.Truncated));
        Assert.InRange(read.Additionals.Count, 20, 30);
    }

    [Fact]
    public void Odd_bytes_in_labels_are_escaped()
    {
        byte[] bytes = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, (byte)'a', (byte)'.', 7, 0, 0, 1, 0, 1];
        Assert.Equal("a\\046\\007.", Decode(bytes).Questions[0].Name.ToString());
    }

    private static DnsMessage Decode(byte[] bytes)
    {
        Assert.True(DnsDecoder.TryDecode(bytes, out var message));
        return message;
    }
}
