using Kobune.Machine.Mounts;

namespace Kobune.Machine.Tests.Mounts;

public class IdMappingTests
{
    [Theory]
    [InlineData(0u, 0u, "0 0 4294967295\n")]
    [InlineData(1000u, 1000u, "0 0 4294967295\n")]
    [InlineData(0u, 1u, "0 1 1\n1 0 1\n2 2 4294967293\n")]
    [InlineData(1000u, 5u, "0 0 5\n5 1000 1\n6 6 994\n1000 5 1\n1001 1001 4294966294\n")]
    public void Two_change_places_and_all_others_stay(uint stored, uint shown, string lines) => Assert.Equal(lines, IdMapping.Swap(stored, shown));

    [Theory]
    [InlineData(0u, 4294967294u)]
    [InlineData(1000u, 1001u)]
    [InlineData(7u, 4711u)]
    public void Every_number_is_mapped_once(uint stored, uint shown)
    {
        var ranges = IdMapping.Swap(stored, shown).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ').Select(long.Parse).ToArray()).ToList();
        long next = 0;
        foreach (var range in ranges)
        {
            Assert.Equal(next, range[0]);
            next += range[2];
        }

        Assert.Equal(4294967295, next);
        Assert.Equal(4294967295, ranges.Sum(r => r[2]));
        Assert.Equal(ranges.Count, ranges.Select(r => r[1]).Distinct().Count());
    }
}
