using System.Collections.Concurrent;
using Kobune.Grpc;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Runtime;

/// <summary>
/// Ends execs that containerd (1.6 at least) does not end: it waits until all input is written, but when the process is over and left some unread nobody reads it any more,
/// because the shim keeps the reading ends open. So an exec with input that still stands a moment after its process ended is let go of at the shim; containerd then sees
/// the pipe break and answers with the exit code that it has long known.
/// </summary>
internal sealed partial class ExecInputs(Func<string, string, CancellationToken, Task> forget, TimeProvider time, ILogger logger)
{
    /// <summary>How long containerd has to end it by itself, which takes it some milliseconds.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, int> _open = new();

    /// <summary>An exec with input stands in this container until the result is disposed.</summary>
    internal IDisposable Open(string containerId)
    {
        _open.AddOrUpdate(containerId, 1, static (_, n) => n + 1);
        return new Stand(this, containerId);
    }

    /// <summary>A process beside the container's own has ended. Without open input there is nothing to do: probes end all the time.</summary>
    internal Task OnExecExit(string containerId, string execId, CancellationToken ct) =>
        _open.ContainsKey(containerId) ? LetGoAsync(containerId, execId, ct) : Task.CompletedTask;

    private async Task LetGoAsync(string containerId, string execId, CancellationToken ct)
    {
        try
        {
            await Task.Delay(Patience, time, ct);
            if (_open.ContainsKey(containerId))
            {
                await forget(containerId, execId, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The kubelet stops.
        }
        catch (RpcException e)
        {
            LogStays(execId, containerId, e.Detail);
        }
    }

    private void Close(string containerId)
    {
        while (_open.TryGetValue(containerId, out var n))
        {
            if (n > 1 ? _open.TryUpdate(containerId, n - 1, n) : _open.TryRemove(KeyValuePair.Create(containerId, n)))
            {
                return;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The ended exec {Exec} of container {Container} stays: {Detail}")]
    private partial void LogStays(string exec, string container, string detail);

    private sealed class Stand(ExecInputs inputs, string containerId) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                inputs.Close(containerId);
            }
        }
    }
}
