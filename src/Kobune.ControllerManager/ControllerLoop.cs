using Kobune.Client;
using Kobune.Client.Controllers;

namespace Kobune.ControllerManager;

/// <summary>A controller that can be run.</summary>
internal sealed class ControllerLoop(string name, Func<CancellationToken, Task> run, ReconcilerRunner? runner = null) : IComponent, IDisposable
{
    public string Name => name;

    /// <summary>Nothing waits and nothing is worked on.</summary>
    public bool IsIdle => runner?.IsIdle ?? true;

    public Task RunAsync(CancellationToken ct) => run(ct);

    public void Dispose() => runner?.Dispose();
}
