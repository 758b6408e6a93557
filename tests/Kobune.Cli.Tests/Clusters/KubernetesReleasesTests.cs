using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Tests.Clusters;

public class KubernetesReleasesTests
{
    [Theory]
    [InlineData(null, "v1.36.0")]
    [InlineData("", "v1.36.0")]
    [InlineData("stable", "v1.36.0")]
    [InlineData("latest", "v1.36.4")]
    [InlineData("v1.36", "v1.36.4")]
    [InlineData("1.36.0", "v1.36.0")]
    [InlineData("v1.33", "v1.33.10")]
    [InlineData("1.33.2", "v1.33.2")]
    [InlineData("1.30", "v1.30.14")]
    [InlineData("v1.30.0", "v1.30.0")]
    public void A_text_names_a_version(string? text, string expected) => Assert.Equal(expected, KubernetesReleases.Resolve(text).ToString());

    [Theory]
    [InlineData("v1.20.2", "K8S_OLD_UNSUPPORTED", 106, "v1.20.2", "v1.30.0")]
    [InlineData("1.29", "K8S_OLD_UNSUPPORTED", 106, "v1.29", "v1.30.0")]
    [InlineData("v0.4", "K8S_OLD_UNSUPPORTED", 106, "v0.4", "v1.30.0")]
    [InlineData("v1.99.0", "K8S_NEW_UNSUPPORTED", 106, "v1.99.0", "v1.36.4")]
    [InlineData("v1.37", "K8S_NEW_UNSUPPORTED", 106, "v1.37", "v1.36.4")]
    [InlineData("2.0", "K8S_NEW_UNSUPPORTED", 106, "v2.0", "v1.36.4")]
    [InlineData("1.33.99", "K8S_NEW_UNSUPPORTED", 106, "v1.33.99", "v1.33.10")]
    public void Other_versions_are_refused_with_the_bound(string text, string id, int code, string named, string bound)
    {
        var refusal = Assert.Throws<CliException>(() => KubernetesReleases.Resolve(text));
        Assert.Equal((id, code), (refusal.Reason.Id, refusal.Reason.ExitCode));
        Assert.Contains(named, English(refusal), StringComparison.Ordinal);
        Assert.Contains(bound, English(refusal), StringComparison.Ordinal);
        Assert.Equal(bound, refusal.Advice!.Value.Arguments.Single().ToString());
    }

    [Theory]
    [InlineData("one")]
    [InlineData("1")]
    [InlineData("1.2.3.4")]
    [InlineData("v1.36.0-rc.1")]
    [InlineData("1.-3")]
    public void What_is_no_version_is_a_mistake_of_use(string text) => Assert.Equal("MK_USAGE", Assert.Throws<CliException>(() => KubernetesReleases.Resolve(text)).Reason.Id);

    [Theory]
    [InlineData(null, "v1.33.2", "v1.33.2")] // nothing asked: what it has
    [InlineData("stable", "v1.33.2", "v1.36.0")]
    [InlineData("1.33", "v1.33.2", "v1.33.10")]
    [InlineData("1.33.2", "v1.33.2", "v1.33.2")]
    [InlineData("1.34.0", "v1.33.2", "v1.34.0")]
    [InlineData(null, "", "v1.36.0")] // a profile that tells none
    [InlineData(null, null, "v1.36.0")]
    [InlineData("1.31.1", null, "v1.31.1")]
    public void An_existing_cluster_keeps_its_version_or_gets_a_newer_one(string? asked, string? current, string expected) =>
        Assert.Equal(expected, KubernetesReleases.For(asked, current).ToString());

    [Theory]
    [InlineData("1.33.1", "v1.33.2", "v1.33.1")]
    [InlineData("v1.32", "v1.33.2", "v1.32.13")]
    [InlineData("stable", "v1.36.4", "v1.36.0")]
    [InlineData("v1.20.0", "v1.33.2", "v1.20.0")]
    [InlineData(null, "v1.40.1", "v1.36.4")] // a newer program made it
    public void A_downgrade_is_refused(string? asked, string current, string named)
    {
        var refusal = Assert.Throws<CliException>(() => KubernetesReleases.For(asked, current));
        Assert.Equal(("K8S_DOWNGRADE_UNSUPPORTED", 106), (refusal.Reason.Id, refusal.Reason.ExitCode));
        Assert.Equal($"Unable to safely downgrade existing Kubernetes {current} cluster to {named}", English(refusal));
        Assert.Equal(Message.DowngradeAdvice, refusal.Advice!.Value.Text);
    }

    [Fact]
    public void All_are_listed_the_newest_first_and_each_can_be_asked_for()
    {
        var all = KubernetesReleases.All.ToArray();
        Assert.Equal((KubernetesReleases.Latest, "v1.30.0"), (all[0], all[^1].ToString()));
        Assert.Equal(all.OrderDescending(), all);
        Assert.All(all, v => Assert.Equal(v, KubernetesReleases.Resolve(v.ToString())));
        Assert.Equal([36, 35, 34, 33, 32, 31, 30], all.Select(v => v.Minor).Distinct());
    }

    private static string English(CliException e) => Translator.For("en").Text(e.Text, [.. e.Arguments]);
}
