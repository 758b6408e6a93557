using System.Net;
using System.Threading.Channels;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Ingress.Certificates;
using Kobune.Ingress.Routing;
using Kobune.Ingress.Serving;
using Kobune.Ingress.Settings;
using Microsoft.Extensions.Logging;

namespace Kobune.Ingress;

/// <summary>
/// The ingress controller: Ingresses, their Services, EndpointSlices and Secrets to a routing table, and the data plane on the node's ports that
/// follows it. Behaves as ingress-nginx. Nothing listens before the first table is whole; each change makes a new table that replaces the old one.
/// </summary>
public sealed partial class IngressComponent : IComponent
{
    private readonly IngressOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly CachedObjects _objects;
    private readonly IngressStatusWriter _statuses;
    private readonly TaskCompletionSource<IngressServer> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<string> _reported = [];

    /// <summary>Asks the factory for its informers; nothing is bound before <see cref="RunAsync"/>.</summary>
    public IngressComponent(IngressOptions options, IClient client, InformerFactory informers, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _time, _loggers, _logger) = (options, time, loggers, loggers.CreateLogger("Kobune.Ingress"));
        _objects = new(informers, options);
        _statuses = new(client, _logger);
    }

    /// <inheritdoc/>
    public string Name => "ingress-nginx-controller";

    /// <summary>The data plane of the first run, once its ports are bound.</summary>
    internal Task<IngressServer> Listening => _listening.Task;

    /// <summary>Called on the sync loop with every new routing table after it is in force.</summary>
    internal event Action<RoutingSnapshot>? Replaced;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }); // one pass serves all changes so far
        using var subscription = _objects.Subscribe(() => changes.Writer.TryWrite(true));
        await _objects.WaitAsync(ct);
        var certificates = new CertificateCache();
        var fallback = SelfMadeCertificate.Create(_time.GetUtcNow());
        var state = new RoutingState(Build(certificates, fallback));
        await using var server = new IngressServer(_options, state, Default(certificates, fallback), _time, _loggers);
        await server.StartAsync(ct);
        LogListening(string.Join(", ", server.Endpoints));
        _listening.TrySetResult(server);
        changes.Writer.TryWrite(true);
        while (true)
        {
            await changes.Reader.ReadAsync(ct);
            state.Current = Build(certificates, fallback);
            server.DefaultCertificate = Default(certificates, fallback);
            Replaced?.Invoke(state.Current);
            await _statuses.WriteAsync(_objects.Ingresses, _options.PublishAddresses, ct);
            await Task.Delay(_options.MinSyncPeriod, _time, ct);
        }
    }

    /// <summary>Takes the addresses out of every Ingress' status: for when the controller was switched off, not for a restart.</summary>
    public static async Task ClearStatusAsync(IClient client, IReadOnlyList<IPAddress> addresses, ILogger logger, CancellationToken ct)
    {
        var texts = addresses.Select(a => a.ToString()).ToHashSet();
        var all = await client.ListAsync<IngressObject>("", null, ct);
        var ours = all.Items.Where(i => i.Status.LoadBalancer.Ingress is { Count: > 0 } written && written.All(w => texts.Contains(w.IP)));
        await new IngressStatusWriter(client, logger).WriteAsync(ours, [], ct);
    }

    private RoutingSnapshot Build(CertificateCache certificates, ServerCertificate fallback)
    {
        var global = _objects.Settings is { } settings ? GlobalSettings.Parse(settings.Data) : GlobalSettings.Default;
        var builder = new RoutingBuilder(_objects, certificates, global);
        var snapshot = builder.Build(_objects.Ingresses, Default(certificates, fallback));
        foreach (var problem in builder.Problems.Where(p => !_reported.Contains(p)))
        {
            LogProblem(problem); // once, not with every endpoint that comes or goes
        }

        _reported = [.. builder.Problems];
        return snapshot;
    }

    private ServerCertificate Default(CertificateCache certificates, ServerCertificate fallback) =>
        _options.DefaultCertificate is { } key && _objects.FindSecret(key.Namespace, key.Name) is { } secret ? certificates.Get(secret) ?? fallback : fallback;

    [LoggerMessage(LogLevel.Information, "Ingress listens on {Endpoints}")]
    private partial void LogListening(string endpoints);

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private partial void LogProblem(string problem);
}
