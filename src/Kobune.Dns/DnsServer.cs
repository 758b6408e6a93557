using System.Net;
using Kobune.Dns.Configuration;
using Kobune.Dns.Forwarding;
using Kobune.Dns.Listeners;
using Kobune.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Kobune.Dns;

/// <summary>Listeners, zone and forwarding put together; what fills the zone is not its business.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private readonly DnsOptions _options;
    private readonly TimeProvider _time;
    private readonly DnsResolver _resolver;
    private readonly IAnswerSource? _source;
    private readonly List<UdpListener> _udp = [];
    private readonly List<TcpListener> _tcp = [];

    /// <summary>The cluster's server, see <see cref="Zone"/>.</summary>
    public DnsServer(DnsOptions options, TimeProvider time, ILogger logger)
        : this(options, null, time, logger)
    {
    }

    /// <summary>A server for other names than the cluster's; it is ready at once.</summary>
    public DnsServer(DnsOptions options, IAnswerSource? source, TimeProvider time, ILogger logger)
    {
        (_options, _source, _time) = (options, source, time);
        _resolver = new(Source(DnsSettings.Default), Forwarder(DnsSettings.Default), Wire.DnsName.Parse(options.Domain).Key) { Ready = source is not null };
        try
        {
            foreach (var endpoint in options.Listen)
            {
                _udp.Add(new(endpoint, _resolver, logger));
                _tcp.Add(new(endpoint, _resolver, time, logger));
            }
        }
        catch
        {
            Close();
            throw;
        }
    }

    public ClusterZone Zone { get; } = new();

    public IReadOnlyList<IPEndPoint> UdpEndpoints => [.. _udp.Select(l => l.LocalEndpoint)];

    public IReadOnlyList<IPEndPoint> TcpEndpoints => [.. _tcp.Select(l => l.LocalEndpoint)];

    /// <summary>New settings; queries under way end by the old ones.</summary>
    public void Configure(DnsSettings settings) => _resolver.Configure(settings, Source(settings), Forwarder(settings));

    /// <summary>From now on names of the cluster that are not in the zone do not exist.</summary>
    public void SetReady() => _resolver.Ready = true;

    /// <summary>Serves until cancelled; the first listener that faults ends all.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        List<Task> loops = [.. _udp.Select(l => l.RunAsync(stop.Token)), .. _tcp.Select(l => l.RunAsync(stop.Token))];
        var first = await Task.WhenAny(loops);
        await stop.CancelAsync();
        await Task.WhenAll(loops).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await first;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _udp)
        {
            await listener.DisposeAsync();
        }

        foreach (var listener in _tcp)
        {
            await listener.DisposeAsync();
        }
    }

    private IAnswerSource Source(DnsSettings settings) => _source ?? new ZoneResponder(Zone, _options.Domain, settings.Zone);

    private Forwarder Forwarder(DnsSettings settings) =>
        new(new RoutedUpstream(settings, _options.Upstream, _options.Listen, _time), new(AnswerCache.DefaultCapacity, settings.CacheOf, _time));

    private void Close()
    {
        foreach (var disposable in _udp.Cast<IAsyncDisposable>().Concat(_tcp))
        {
            _ = disposable.DisposeAsync().AsTask(); // closes the socket before its first await
        }
    }
}
