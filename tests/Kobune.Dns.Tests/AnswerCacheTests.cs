using System.Net;
using Kobune.Dns.Forwarding;
using Kobune.Dns.Wire;

namespace Kobune.Dns.Tests;

public class AnswerCacheTests
{
    private static readonly DnsName Name = DnsName.Parse("example.com");
    private static readonly AnswerCache.Key Key = new(new(Name, DnsType.A), false, false);
    private readonly ManualTime _time = new();

    private static DnsMessage Positive(uint ttl) => new() { Flags = DnsFlags.Response, Questions = [Key.Question], Answers = [DnsRecord.Address(Name, ttl, IPAddress.Parse("1.2.3.4"))] };

    private static DnsMessage Negative(uint minimum) => new()
    {
        Rcode = DnsRcode.NXDomain,
        Authorities = [new(Name, DnsType.SOA, DnsClass.IN, 3600, new SoaData(Name, Name, 1, 2, 3, 4, minimum))],
    };

    [Fact]
    public void Times_to_live_are_counted_down()
    {
        var cache = new AnswerCache(10, _ => CacheLimits.Kubeadm, _time);
        cache.Store(Key, Positive(20));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(15u, cache.Find(Key)!.Answers[0].Ttl);
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Null(cache.Find(Key));
    }

    /// <summary>Asked for at these seconds; the one at which it is due, once. CoreDNS: plugin/cache, prefetch.</summary>
    [Theory]
    [InlineData("1 2 28", 28)]
    [InlineData("1 2 28 29", 28)]
    [InlineData("1 28 29", 29)] // the third question
    [InlineData("1 2 26", -1)] // it has more left than 10 %
    [InlineData("1 14 27", -1)] // pauses of 13 s
    public void What_is_asked_for_often_is_due_before_it_runs_out(string seconds, int due)
    {
        var cache = new AnswerCache(10, _ => CacheLimits.Kubeadm with { Prefetch = new(3, TimeSpan.FromSeconds(due == -1 && seconds.Contains("14", StringComparison.Ordinal) ? 12 : 60), 10) }, _time);
        cache.Store(Key, Positive(30));
        var at = 0;
        var seen = new List<int>();
        foreach (var second in seconds.Split(' ').Select(int.Parse))
        {
            _time.Advance(TimeSpan.FromSeconds(second - at));
            at = second;
            Assert.NotNull(cache.Find(Key, out var isDue));
            if (isDue)
            {
                seen.Add(second);
            }
        }

        Assert.Equal(due == -1 ? [] : [due], seen);
    }

    [Fact]
    public void Spelling_does_not_matter()
    {
        var cache = new AnswerCache(10, _ => CacheLimits.Kubeadm, _time);
        cache.Store(Key, Positive(20));
        Assert.NotNull(cache.Find(Key with { Question = new(DnsName.Parse("EXAMPLE.com"), DnsType.A) }));
        Assert.Null(cache.Find(Key with { DnssecOk = true }));
    }

    [Fact]
    public void Nothing_is_kept_longer_than_30_seconds()
    {
        var cache = new AnswerCache(10, _ => CacheLimits.Kubeadm, _time);
        cache.Store(Key, Positive(3600));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.NotNull(cache.Find(Key));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(cache.Find(Key));
    }

    [Fact]
    public void Negative_answers_live_by_their_SOA()
    {
        var cache = new AnswerCache(10, _ => CacheLimits.Kubeadm, _time);
        cache.Store(Key, Negative(10));
        Assert.Equal(DnsRcode.NXDomain, cache.Find(Key)!.Rcode);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(cache.Find(Key));
    }

    [Fact]
    public void The_limits_of_the_domain_cap_both_kinds_of_answers()
    {
        var cache = new AnswerCache(10, name => name.IsWithin("example.com") ? new(20, 8) : CacheLimits.None, _time);
        var (none, other) = (Key with { DnssecOk = true }, Key with { Question = new(DnsName.Parse("example.org"), DnsType.A) });
        cache.Store(Key, Positive(3600));
        cache.Store(none, Negative(3600));
        cache.Store(other, Positive(3600));
        Assert.Null(cache.Find(other));
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.NotNull(cache.Find(none));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(cache.Find(none));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.NotNull(cache.Find(Key));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(cache.Find(Key));
    }

    public static TheoryData<string> Unkept => ["servfail", "truncated", "negative without SOA", "ttl 0"];

    [Theory, MemberData(nameof(Unkept))]
    public void These_are_not_kept(string which)
    {
        var cache = new AnswerCache(10, _ => CacheLimits.Kubeadm, _time);
        cache.Store(Key, which switch
        {
            "servfail" => Positive(20) with { Rcode = DnsRcode.ServFail },
            "truncated" => Positive(20) with { Flags = DnsFlags.Response | DnsFlags.Truncated },
            "ttl 0" => Positive(0),
            _ => new DnsMessage { Rcode = DnsRcode.NXDomain },
        });
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void The_oldest_goes_when_it_is_full()
    {
        var cache = new AnswerCache(2, _ => CacheLimits.Kubeadm, _time);
        var keys = Enumerable.Range(0, 3).Select(i => Key with { Question = new(DnsName.Parse($"n{i}.example.com"), DnsType.A) }).ToList();
        keys.ForEach(k => cache.Store(k, Positive(20)));
        Assert.Equal(2, cache.Count);
        Assert.Null(cache.Find(keys[0]));
        Assert.NotNull(cache.Find(keys[2]));
    }

    [Theory]
    [InlineData("nameserver 10.0.0.1\nnameserver 127.0.0.53\n# nameserver 10.0.0.9\nsearch a b\n  nameserver\t10.0.0.2 # x\nnameserver fd00::1\nnameserver ::1\nnameserver rubbish\nnameserver", "10.0.0.1:53 10.0.0.2:53 [fd00::1]:53")]
    [InlineData("", "")]
    public void Name_servers_are_read_without_loopback(string text, string expected) => Assert.Equal(expected, string.Join(' ', ResolvConf.Parse(text)));
}
