using Kobune.Api.Core.V1;
using Kobune.Client;
using Microsoft.Extensions.Logging;

namespace Kobune.Addons.Metrics;

/// <summary>Asks all kubelets every <see cref="MetricsServerOptions.Resolution"/>; the second time soon after the first, since one reading alone tells no use.</summary>
internal sealed partial class MetricScraper(IClient client, MetricsServerOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan SecondReading = TimeSpan.FromSeconds(5);
    private volatile MetricStore _store = MetricStore.Empty;
    private volatile bool _hasRun;

    /// <summary>What is known now.</summary>
    public MetricStore Store => _store;

    /// <summary>Whether all kubelets were asked once.</summary>
    public bool HasRun => _hasRun;

    public async Task RunAsync(CancellationToken ct)
    {
        using var kubelets = new KubeletReader(options, time);
        for (var round = 0; ; round++)
        {
            await ScrapeAsync(options.Scrape ?? kubelets.ReadAsync, ct);
            _hasRun = true;
            await Task.Delay(round == 0 && SecondReading < options.Resolution ? SecondReading : options.Resolution, time, ct);
        }
    }

    private async Task ScrapeAsync(Func<Node, CancellationToken, Task<string>> read, CancellationToken ct)
    {
        IReadOnlyList<Node> nodes;
        try
        {
            nodes = (await client.ListAsync<Node>("", null, ct)).Items;
        }
        catch (ApiException e)
        {
            LogNodes(e.Message);
            return;
        }

        var texts = await Task.WhenAll(nodes.Select(n => ReadAsync(n, read, ct)));
        var known = new Dictionary<string, MetricPoint>(StringComparer.Ordinal);
        var pods = new Dictionary<(string, string), IReadOnlyDictionary<string, MetricPoint>>();
        for (var i = 0; i < nodes.Count; i++)
        {
            if (texts[i] is { } text)
            {
                ResourceMetricsParser.Add(nodes[i].Metadata.Name, text, known, pods);
            }
        }

        _store = _store.Add(new(known, pods), options.Resolution);
    }

    private async Task<string?> ReadAsync(Node node, Func<Node, CancellationToken, Task<string>> read, CancellationToken ct)
    {
        try
        {
            return await read(node, ct);
        }
        catch (Exception e) when (e is HttpRequestException or ApiException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            LogNode(node.Metadata.Name, e.InnerException?.Message ?? e.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Failed to scrape node {Node}: {Error}")]
    private partial void LogNode(string node, string error);

    [LoggerMessage(LogLevel.Warning, "The nodes could not be listed: {Error}")]
    private partial void LogNodes(string error);
}
