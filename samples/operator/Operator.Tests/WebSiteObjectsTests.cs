namespace Operator.Tests;

/// <summary>What is decided without a cluster.</summary>
public class WebSiteObjectsTests
{
    [Theory]
    [InlineData("shop:1.0", true)]
    [InlineData("registry:5000/shop:1.0", true)]
    [InlineData("shop@sha256:0123", true)]
    [InlineData("shop", false)]
    [InlineData("shop:latest", false)]
    [InlineData("registry:5000/shop", false)]
    public void An_image_must_name_its_version(string image, bool isGood) => Assert.Equal(isGood, WebSiteWebhook.Problem(new() { Image = image }) is null);

    [Fact]
    public void The_time_of_a_condition_changes_only_with_its_status()
    {
        var (before, now) = (new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2030, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        var site = new WebSite { Spec = new() { Replicas = 2 }, Status = new() { Conditions = [new() { Type = "Ready", Status = "False", LastTransitionTime = before }] } };
        Assert.Equal(before, WebSiteObjects.Ready(site, 1, now).LastTransitionTime);
        Assert.Equal(now, WebSiteObjects.Ready(site, 2, now).LastTransitionTime);
    }
}
