using Kobune.Api;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Microsoft.Extensions.Logging;

namespace Kobune.ControllerManager;

/// <summary>What all controllers share.</summary>
internal sealed record ControllerContext(ControllerManagerOptions Options, IClientFactory Clients, IClient SharedClient, InformerFactory Informers, TimeProvider Time, ILoggerFactory Loggers)
{
    /// <summary>Starts to build a controller.</summary>
    /// <param name="name">Its name in upstream's --controllers flag, "deployment".</param>
    /// <param name="identity">Its service account in kube-system, "deployment-controller"; null for the controller manager's own identity.</param>
    /// <param name="workers">Keys at the same time.</param>
    /// <param name="eventSource">The component that its events name; its identity when it is left out.</param>
    public ControllerBuilder Controller(string name, string? identity, int workers = 5, string? eventSource = null) =>
        new(this, name, identity, Options.Workers.GetValueOrDefault(name, workers), eventSource);
}

/// <summary>One controller in the making: its client under its own identity, its events, its runner.</summary>
internal sealed class ControllerBuilder
{
    private readonly ControllerContext _context;
    private readonly EventRecorder _events;
    private readonly string _name;

    public ControllerBuilder(ControllerContext context, string name, string? identity, int workers, string? eventSource)
    {
        _context = context;
        _name = name;
        var own = identity is null ? context.SharedClient : context.Clients.For("system:serviceaccount:kube-system:" + identity);
        var logger = context.Loggers.CreateLogger("Kobune.ControllerManager." + name);
        Runner = new(name, new ReconcilerOptions { Workers = workers, Metrics = context.Options.Metrics.Queues, Skipped = context.Options.Metrics.Workloads.SkippedBy(name), QueueName = QueueNames.Of(name) }, context.Time, logger);
        Client = Runner.Track(own);
        Untracked = own;
        _events = new(own, eventSource ?? identity ?? name, "", context.Time, logger);
    }

    public ReconcilerRunner Runner { get; }

    /// <summary>The client through which the reconciler writes.</summary>
    public IClient Client { get; }

    /// <summary>The same identity, for what the runner need not wait for.</summary>
    public IClient Untracked { get; }

    public IEventRecorder Events => _events;

    public TimeProvider Time => _context.Time;

    public ControllerManagerOptions Options => _context.Options;

    public ILogger<T> Logger<T>() => _context.Loggers.CreateLogger<T>();

    /// <summary>The shared informer of a kind, which this controller reads.</summary>
    public IInformer<T> Informer<T>(string fieldSelector = "")
        where T : class, IKubernetesObject<T>
    {
        var informer = _context.Informers.For<T>(fieldSelector: fieldSelector);
        Runner.Use(informer);
        return informer;
    }

    /// <summary>The finished controller.</summary>
    /// <param name="reconciler">What it runs.</param>
    /// <param name="begin">What is waited for, and set up, before the runner begins.</param>
    /// <param name="beside">What runs beside the runner.</param>
    public ControllerLoop Build(IReconciler reconciler, Func<CancellationToken, Task>? begin = null, Func<CancellationToken, Task>? beside = null)
    {
        Runner.Reconciler = reconciler;
        return new(_name, ct => Task.WhenAll(RunAsync(begin, ct), _events.RunAsync(ct), beside?.Invoke(ct) ?? Task.CompletedTask), Runner);
    }

    private async Task RunAsync(Func<CancellationToken, Task>? begin, CancellationToken ct)
    {
        if (begin is not null)
        {
            await begin(ct);
        }

        await Runner.RunAsync(ct);
    }
}
