using Kobune.ControllerManager.Jobs;

namespace Kobune.ControllerManager.Tests.Jobs;

public class IndexSetTests
{
    [Theory]
    [InlineData("", 10, "", 0)]
    [InlineData("3", 10, "3", 1)]
    [InlineData("1,2", 10, "1,2", 2)]
    [InlineData("1,2,3", 10, "1-3", 3)]
    [InlineData("1,3-5,7", 10, "1,3-5,7", 5)]
    [InlineData("1,3-5,7", 5, "1,3,4", 3)]
    [InlineData("0-4", 0, "", 0)]
    [InlineData("x,1-y,2,3-1", 10, "2", 1)]
    [InlineData("5-7,1-3,4", 10, "1-7", 7)]
    public void A_text_is_read_and_written(string text, int completions, string expected, int count)
    {
        var set = IndexSet.Parse(text, completions);
        Assert.Equal((expected, count), (set.ToString(), set.Count));
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(set.Ranges.Any(r => r.First <= i && i <= r.Last), set.Contains(i));
        }
    }

    [Theory]
    [InlineData("", "", "", 0)]
    [InlineData("1-3", "", "1-3", 0)]
    [InlineData("1-3", "2-5", "1-5", 2)]
    [InlineData("1,5", "3", "1,3,5", 0)]
    [InlineData("0-9", "2,4-5", "0-9", 3)]
    [InlineData("1-2,6-8", "2-6", "1-8", 2)]
    public void Two_sets_are_joined_and_compared(string one, string other, string union, int common)
    {
        var (a, b) = (IndexSet.Parse(one, 100), IndexSet.Parse(other, 100));
        Assert.Equal((union, union), (a.Union(b).ToString(), b.Union(a).ToString()));
        Assert.Equal((common, common), (a.CountCommon(b), b.CountCommon(a)));
    }

    [Theory]
    [InlineData("", 2, 5, new[] { 0, 1 })]
    [InlineData("0,2-3", 3, 6, new[] { 1, 4, 5 })]
    [InlineData("0-9", 3, 5, new int[0])]
    [InlineData("1", 9, 3, new[] { 0, 2 })]
    public void The_first_missing_indexes_are_found(string text, int count, int completions, int[] expected) =>
        Assert.Equal(expected, IndexSet.Parse(text, 100).FirstMissing(count, completions));
}
