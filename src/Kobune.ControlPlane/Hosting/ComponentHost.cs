using Kobune.Client;
using Microsoft.Extensions.Logging;

namespace Kobune.ControlPlane.Hosting;

/// <summary>
/// Runs components, each a fault domain of its own: a loop that faults, or that ends without being asked to, is started again after 1 s, doubling to
/// 30 s, and counts as healthy again after a minute. Components stop in reverse order of their start; one that stops badly does not keep the others.
/// </summary>
public sealed class ComponentHost(TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly List<SupervisedComponent> _components = [];
    private readonly Lock _lock = new();

    /// <summary>The components in the order of their start.</summary>
    public IReadOnlyList<ComponentStatus> Status
    {
        get
        {
            lock (_lock)
            {
                return [.. _components.Select(c => c.Status)];
            }
        }
    }

    /// <summary>Starts a component's loop and returns at once.</summary>
    public void Start(IComponent component) => Run(component);

    /// <summary>The same for a component that may be stopped while the others run on: disposing the result does that.</summary>
    public IAsyncDisposable Run(IComponent component)
    {
        var supervised = new SupervisedComponent(component, time, loggers.CreateLogger("Kobune.Components"));
        lock (_lock)
        {
            _components.Add(supervised);
        }

        supervised.Start();
        return new Handle(this, supervised);
    }

    /// <summary>Stops one component by its name and gives it back, so that it can be started again; null when there is none.</summary>
    public async Task<IComponent?> StopAsync(string name)
    {
        SupervisedComponent? found;
        lock (_lock)
        {
            found = _components.Find(c => c.Component.Name == name);
            if (found is not null)
            {
                _components.Remove(found);
            }
        }

        if (found is null)
        {
            return null;
        }

        await found.DisposeAsync();
        return found.Component;
    }

    /// <summary>Stops all components in reverse order and waits for each.</summary>
    public async ValueTask DisposeAsync()
    {
        SupervisedComponent[] all;
        lock (_lock)
        {
            all = [.. _components];
        }

        foreach (var component in all.Reverse())
        {
            await component.DisposeAsync();
        }
    }

    private sealed class Handle(ComponentHost host, SupervisedComponent component) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            lock (host._lock)
            {
                host._components.Remove(component);
            }

            return component.DisposeAsync();
        }
    }
}
