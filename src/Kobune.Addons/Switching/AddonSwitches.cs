using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Kobune.Addons.Switching;

/// <summary>Starts and stops the addons of a node process as <see cref="AddonConfigMap"/> says, without a restart.</summary>
/// <param name="informers">Of an identity that may watch that object.</param>
/// <param name="parts">The addons that this process has.</param>
/// <param name="run">Runs a component under supervision; disposing the result stops it.</param>
/// <param name="logger">Where switching is told.</param>
public sealed partial class AddonSwitches(InformerFactory informers, IReadOnlyList<AddonPart> parts, Func<IComponent, IAsyncDisposable> run, ILogger<AddonSwitches> logger) : IComponent
{
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => "addons";

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        using var wake = new SemaphoreSlim(1);
        var maps = informers.For<ConfigMap>(AddonConfigMap.Namespace, fieldSelector: "metadata.name=" + AddonConfigMap.Name);
        using var subscription = maps.Subscribe(_ => wake.Release());
        try
        {
            await maps.Synced.WaitAsync(ct);
            while (true)
            {
                await wake.WaitAsync(ct);
                while (wake.Wait(0, CancellationToken.None))
                {
                    // one pass serves all changes so far
                }

                await SwitchAsync(AddonConfigMap.Read(maps.Cache.Find(AddonConfigMap.Namespace, AddonConfigMap.Name)), ct);
            }
        }
        finally
        {
            foreach (var addon in _running.Keys.ToList())
            {
                await StopAsync(addon);
            }
        }
    }

    private async Task SwitchAsync(IReadOnlyDictionary<string, AddonState> states, CancellationToken ct)
    {
        foreach (var part in parts)
        {
            var state = states.GetValueOrDefault(part.Addon);
            var wanted = state is { IsEnabled: true };
            if (_running.TryGetValue(part.Addon, out var running) && (!wanted || running.Settings != state!.Settings))
            {
                await StopAsync(part.Addon);
                LogStopped(part.Addon);
            }

            if (wanted && !_running.ContainsKey(part.Addon))
            {
                _removed.Remove(part.Addon);
                _running[part.Addon] = new(state!.Settings, [.. part.Start(state.Settings).Select(run)]);
                LogStarted(part.Addon);
            }
            else if (!wanted && (state is not null || running is not null) && part.Remove is { } remove && !_removed.Contains(part.Addon))
            {
                await remove(ct);
                _removed.Add(part.Addon);
            }
        }
    }

    private async Task StopAsync(string addon)
    {
        if (_running.Remove(addon, out var running))
        {
            foreach (var component in Enumerable.Reverse(running.Components))
            {
                await component.DisposeAsync();
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Addon {Addon} is on")]
    private partial void LogStarted(string addon);

    [LoggerMessage(LogLevel.Information, "Addon {Addon} stopped")]
    private partial void LogStopped(string addon);

    private sealed record Running(string Settings, List<IAsyncDisposable> Components);
}
