using Kobune.Api.Schema;
using Kobune.Kubelet.Images;

namespace Kobune.Kubelet.Tests.Images;

public class ImageNameTests
{
    [Theory]
    [InlineData("busybox", "busybox:latest", "Always")]
    [InlineData("busybox:1", "busybox:1", "IfNotPresent")]
    [InlineData("localhost:5000/a/b", "localhost:5000/a/b:latest", "Always")]
    [InlineData("a@sha256:0", "a@sha256:0", "IfNotPresent")]
    public void Tag_and_policy_default(string image, string tagged, string policy)
    {
        Assert.Equal(tagged, ImageName.WithTag(image));
        Assert.Equal(policy, ImageName.Policy("", image));
        Assert.Null(ImageName.Complaint(image));
    }

    [Theory]
    [InlineData("Busybox")]
    [InlineData("a b")]
    [InlineData("a:")]
    public void Bad_reference_is_told(string image) => Assert.StartsWith("invalid reference format", ImageName.Complaint(image), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(350, "350ms")]
    [InlineData(10_000, "10s")]
    [InlineData(46_944, "46.944s")]
    [InlineData(160_000, "2m40s")]
    [InlineData(300_000, "5m0s")]
    [InlineData(3_600_000, "1h0m0s")]
    public void Durations_are_written_as_go_does(int milliseconds, string text) => Assert.Equal(text, GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));
}
