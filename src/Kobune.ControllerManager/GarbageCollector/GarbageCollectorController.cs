using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Microsoft.Extensions.Logging;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>Registration of the garbage collector.</summary>
internal static class GarbageCollectorController
{
    private const string Name = "garbage-collector";

    public static ControllerLoop Create(ControllerContext context)
    {
        var own = context.Clients.For("system:serviceaccount:kube-system:generic-garbage-collector");
        var logger = context.Loggers.CreateLogger("Kobune.ControllerManager." + Name);
        return new(Name, async ct =>
        {
            var events = new EventRecorder(own, "garbage-collector-controller", "", context.Time, logger);
            using var collector = new Collector(own, events, context.Options.Metrics, context.Time, logger);
            await Task.WhenAll(events.RunAsync(ct), collector.RunAsync(ct));
        });
    }
}
