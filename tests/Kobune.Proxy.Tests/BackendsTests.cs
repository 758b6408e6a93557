using System.Net;
using Kobune.Dns.Tests;
using Kobune.Proxy.Relays;

namespace Kobune.Proxy.Tests;

public class BackendsTests
{
    private static readonly IPEndPoint A = new(IPAddress.Loopback, 1);
    private static readonly IPEndPoint B = new(IPAddress.Loopback, 2);
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private readonly ManualTime _time = new();

    [Fact]
    public void Without_affinity_they_take_turns()
    {
        var backends = Of(TimeSpan.Zero, A, B);
        Assert.Equal([A, B, A, B], Enumerable.Range(0, 4).Select(_ => backends.Next(Client, [])));
    }

    [Fact]
    public void A_client_keeps_its_backend_until_it_stays_away_for_the_time_given()
    {
        var backends = Of(TimeSpan.FromSeconds(10), A, B);
        Assert.Equal(A, backends.Next(Client, []));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(A, backends.Next(Client, []));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(A, backends.Next(Client, []));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(B, backends.Next(Client, []));
    }

    [Fact]
    public void A_backend_that_left_or_failed_is_not_given_again()
    {
        var backends = Of(TimeSpan.FromSeconds(10), A, B);
        Assert.Equal(A, backends.Next(Client, []));
        Assert.Equal(B, backends.Next(Client, [A]));
        Assert.Null(backends.Next(Client, [A, B]));
        backends.Replace([A], TimeSpan.FromSeconds(10));
        Assert.Equal(A, backends.Next(Client, []));
        backends.Replace([], TimeSpan.Zero);
        Assert.Null(backends.Next(Client, []));
    }

    private Backends Of(TimeSpan affinity, params IPEndPoint[] targets)
    {
        var backends = new Backends(_time);
        backends.Replace(targets, affinity);
        return backends;
    }
}
