using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Tests.Watch;

public sealed class WatchReaderTests
{
    [Theory]
    [InlineData(0, 60)]
    [InlineData(0.5, 59.5)]
    [InlineData(9.999, 50.001)]
    [InlineData(10, 60)]
    [InlineData(47, 53)]
    public void Bookmarks_of_silent_watches_come_together(double second, double wait) =>
        Assert.Equal(TimeSpan.FromSeconds(wait), WatchReader.UntilBookmark(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero).AddSeconds(second)));
}
