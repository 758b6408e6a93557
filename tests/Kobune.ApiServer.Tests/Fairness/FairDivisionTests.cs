using Kobune.ApiServer.Fairness;

namespace Kobune.ApiServer.Tests.Fairness;

public class FairDivisionTests
{
    [Theory]
    [InlineData(0UL, 8, "0 1 2 3")]
    [InlineData(1UL, 8, "1 0 2 3")]
    [InlineData(1679UL, 8, "7 6 5 4")] // the last of 8*7*6*5 deals
    [InlineData(ulong.MaxValue, 5, "0 4 1 2")]
    public void A_hash_deals_a_hand(ulong hash, int deck, string expected)
    {
        Span<int> hand = stackalloc int[4];
        ShuffleSharding.Deal(hash, deck, hand);
        Assert.Equal(expected, string.Join(' ', hand.ToArray()));
    }

    [Fact]
    public void Hands_have_different_cards_of_the_deck()
    {
        var seen = new HashSet<int>();
        var hand = new int[6];
        for (var i = 0; i < 200; i++)
        {
            ShuffleSharding.Deal(ShuffleSharding.Hash("schema", $"user-{i}"), 128, hand);
            Assert.Equal(6, hand.Distinct().Count());
            Assert.All(hand, card => Assert.InRange(card, 0, 127));
            seen.UnionWith(hand);
        }

        Assert.True(seen.Count > 120, $"only {seen.Count} of 128 queues are ever dealt");
    }

    [Fact]
    public void A_flow_is_told_by_schema_and_distinguisher()
    {
        Assert.Equal(ShuffleSharding.Hash("a", "b"), ShuffleSharding.Hash("a", "b"));
        Assert.NotEqual(ShuffleSharding.Hash("a", "b"), ShuffleSharding.Hash("ab", ""));
        Assert.NotEqual(ShuffleSharding.Hash("a", new string('x', 500)), ShuffleSharding.Hash("a", new string('x', 501)));
    }

    [Theory]
    [InlineData("0/10/5 0/10/5", 10, "5 5")]
    [InlineData("0/10/1 0/10/4", 5, "1 4")]
    [InlineData("3/10/3 0/10/4", 5, "3 2")] // the fraction is a half, the first stays at its bound
    [InlineData("0/2/4 0/10/4", 8, "2 6")]
    [InlineData("0/10/0 0/10/0", 6, "3 3")] // who needs nothing gets its part of what is left
    [InlineData("2/2/2 3/3/3", 5, "2 3")]
    [InlineData("2/4/2 2/4/2", 8, "4 4")]
    public void Seats_are_divided_by_targets_within_bounds(string claims, double seats, string expected)
    {
        var (shares, _) = SeatAllocation.Divide(seats, [.. claims.Split(' ').Select(c => c.Split('/').Select(double.Parse).ToArray()).Select(c => new SeatClaim(c[0], c[1], c[2]))])!.Value;
        Assert.Equal(expected, string.Join(' ', shares.Select(s => Math.Round(s, 6))));
    }

    [Fact]
    public void Bounds_that_leave_no_division_are_told()
    {
        Assert.Null(SeatAllocation.Divide(1, [new(2, 3, 2)]));
        Assert.Null(SeatAllocation.Divide(4, [new(2, 3, 2)]));
    }

    [Fact]
    public void Any_division_gives_all_seats_and_one_fraction()
    {
        var random = new Random(7);
        for (var run = 0; run < 300; run++)
        {
            SeatClaim[] claims = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ =>
            {
                var low = random.Next(0, 20);
                return new SeatClaim(low, low + random.Next(0, 40), low + (random.NextDouble() * 30));
            })];
            var (floor, ceiling) = (claims.Sum(c => c.Lower), claims.Sum(c => c.Upper));
            var seats = floor + (random.NextDouble() * (ceiling - floor));
            var (shares, fraction) = SeatAllocation.Divide(seats, claims)!.Value;
            Assert.Equal(seats, shares.Sum(), 5);
            foreach (var (claim, share) in claims.Zip(shares))
            {
                Assert.InRange(share, claim.Lower - 1e-6, claim.Upper + 1e-6);
                var wanted = fraction * Math.Max(claim.Target, 0.001);
                Assert.True(Math.Abs(share - wanted) < 1e-6 || (share <= claim.Lower && wanted <= claim.Lower) || (share >= claim.Upper && wanted >= claim.Upper));
            }
        }
    }

    [Fact]
    public void A_demand_rises_at_once_and_sinks_slowly()
    {
        var time = new TimerTime();
        var demand = new SeatDemand(time);
        demand.Set(4);
        time.Advance(TimeSpan.FromSeconds(5));
        demand.Set(0);
        time.Advance(TimeSpan.FromSeconds(5));
        demand.EndPeriod();
        Assert.Equal((4, 2.0, 2.0, 4.0), (demand.HighWatermark, demand.Average, demand.Deviation, demand.Smoothed));
        time.Advance(TimeSpan.FromSeconds(10));
        demand.EndPeriod();
        Assert.Equal((0, 0.0), (demand.HighWatermark, demand.Average));
        Assert.Equal(4 * 0.977, demand.Smoothed, 6);
    }

    [Fact]
    public void Clients_are_sent_away_longer_while_a_level_goes_on_refusing()
    {
        var time = new TimerTime();
        var dropped = new DroppedRequests(time);
        var waits = new List<int>();
        for (var second = 0; second < 12; second++)
        {
            for (var i = 0; i < 40; i++)
            {
                dropped.Record("l");
            }

            waits.Add(dropped.RetryAfter("l"));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8], waits);
        Assert.Equal(1, dropped.RetryAfter("another"));
        time.Advance(TimeSpan.FromMinutes(1));
        dropped.Record("l");
        Assert.Equal(7, dropped.RetryAfter("l"));
    }
}
