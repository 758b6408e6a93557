using Kobune.Client;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.IngressController;

/// <summary>A component that comes and goes with its addon: its objects first (without its roles its informers would be refused), then its informers and itself.</summary>
/// <param name="name">What it is called.</param>
/// <param name="ensure">Makes its objects.</param>
/// <param name="client">Of its own identity.</param>
/// <param name="create">Makes the component.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">For the informers.</param>
internal sealed class ComponentWithInformers(
    string name, Func<CancellationToken, Task> ensure, IClient client, Func<IClient, InformerFactory, IComponent> create, TimeProvider time, ILoggerFactory loggers) : IComponent
{
    public string Name => name;

    public async Task RunAsync(CancellationToken ct)
    {
        await ensure(ct);
        await RoleWait.UntilAllowedAsync(client, new() { Verb = "list", Group = "networking.k8s.io", Resource = "ingresses" }, time, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var informers = new InformerFactory(client, time, loggers);
        var component = create(client, informers);
        Task[] running = [informers.RunAsync(stop.Token), component.RunAsync(stop.Token)];
        try
        {
            await await Task.WhenAny(running); // the first that ends, ends with its fault
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}
