using System.Globalization;
using System.Text;
using Kobune.Api.Features;
using Kobune.Client;
using Kobune.ControllerManager.Metrics;

namespace Kobune.Testing.Tests.Metrics;

/// <summary>A cluster on fake time whose controllers' metrics are read as a scraper reads them.</summary>
internal sealed class MeteredCluster : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly ControllerManagerMetrics _metrics;

    private MeteredCluster(TestCluster cluster, ControllerManagerMetrics metrics) => (_cluster, _metrics) = (cluster, metrics);

    public IClient Client => _cluster.Client;

    public TestCluster Inner => _cluster;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<MeteredCluster> StartAsync(Func<TestClusterOptions, TestClusterOptions>? with = null, FeatureGates? features = null)
    {
        ControllerManagerMetrics metrics = null!;
        var options = new TestClusterOptions
        {
            FakeTime = true,
            Settings = s => s with
            {
                Controllers = c =>
                {
                    metrics = c.Metrics;
                    return c;
                },
            },
        };
        options = features is null ? options : options with { Features = features };
        return new(await TestCluster.StartAsync(with is null ? options : with(options), Ct), metrics);
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    public Task CreateAsync<T>(T obj)
        where T : class, Api.IKubernetesObject<T> => Client.CreateAsync(obj, Ct);

    public Task PassAsync(double seconds = 1) => _cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(seconds), Ct);

    /// <summary>The value of a sample, "name{label=\"value\"}"; null when there is none.</summary>
    public double? Value(string sample)
    {
        foreach (var line in Text().Split('\n'))
        {
            if (line.StartsWith(sample + " ", StringComparison.Ordinal))
            {
                return double.Parse(line[(sample.Length + 1)..], CultureInfo.InvariantCulture);
            }
        }

        return null;
    }

    /// <summary>The samples of one name as they stand in the text, in order.</summary>
    public IReadOnlyList<string> Samples(string name) =>
        [.. Text().Split('\n').Where(l => l.StartsWith(name + "{", StringComparison.Ordinal) || l.StartsWith(name + " ", StringComparison.Ordinal)).Select(l => l[name.Length..].Replace("\"", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public string Text()
    {
        var text = new StringBuilder();
        foreach (var family in _metrics.Families)
        {
            family.Write(text);
        }

        return text.ToString();
    }
}
