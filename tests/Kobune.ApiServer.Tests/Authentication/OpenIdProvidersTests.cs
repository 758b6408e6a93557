using Kobune.ApiServer.Authentication.OpenId;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Authentication;

/// <summary>Which providers are kept.</summary>
public class OpenIdProvidersTests
{
    [Fact]
    public void So_many_strangers_are_kept_and_the_one_named_longest_ago_goes()
    {
        using var providers = new OpenIdProviders(new() { IssuerUrl = "https://main" }, new ManualTime(), NullLogger<OpenIdProvider>.Instance);
        Assert.Same(providers.Main, providers.Of("https://main"));
        var (first, second) = (providers.Of("https://0"), providers.Of("https://1"));
        for (var i = 2; i < OpenIdProviders.MaxOthers; i++)
        {
            providers.Of($"https://{i}");
        }

        Assert.Same(first, providers.Of("https://0")); // named again, so that the second one is the oldest
        providers.Of("https://one-more");
        Assert.Same(first, providers.Of("https://0"));
        Assert.NotSame(second, providers.Of("https://1"));
    }
}
