using Google.Protobuf;
using Kobune.Grpc;
using Kobune.Kubelet.Containerd;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Runtime;

/// <summary>
/// containerd's exit events of the namespace k8s.io: which container or sandbox ended (starts are our own doing). After every (re)subscription the listener is told to
/// look at everything, because events of the gap are lost.
/// </summary>
internal sealed partial class ContainerdEvents(GrpcChannel channel, TimeProvider time, ILogger logger)
{
    private static readonly GrpcMethod<SubscribeRequest, Envelope> Subscribe =
        new("containerd.services.events.v1.Events/Subscribe", SubscribeRequest.Parser, Envelope.Parser);

    /// <summary>Runs until cancelled.</summary>
    /// <param name="exited">Gets the id of a container or sandbox.</param>
    /// <param name="subscribed">Called once the stream stands, and after each gap.</param>
    internal async Task RunAsync(Action<string> exited, Action subscribed, CancellationToken ct)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(exited, subscribed, ct);
                pause = TimeSpan.FromMilliseconds(100);
            }
            catch (RpcException e)
            {
                LogBroken(e.Detail);
            }

            await Task.Delay(pause, time, ct);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, TimeSpan.TicksPerSecond * 5));
        }
    }

    internal static string? ContainerOf(Envelope envelope)
    {
        // The end of an exec is no change of the container: exec probes would wake their pod for nothing.
        var exit = Parse(TaskExit.Parser, envelope);
        return exit is null || (exit.Id.Length > 0 && exit.Id != exit.ContainerId) ? null : exit.ContainerId;
    }

    private static T? Parse<T>(MessageParser<T> parser, Envelope envelope)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(envelope.Event.Value);
        }
        catch (InvalidProtocolBufferException)
        {
            return null; // one unreadable event does not end the stream
        }
    }

    private async Task ReadAsync(Action<string> exited, Action subscribed, CancellationToken ct)
    {
        var request = new SubscribeRequest();
        request.Filters.Add("topic==\"/tasks/exit\",namespace==k8s.io");

        // The server sends its headers only with the first event, so the relist cannot wait for them: it follows the request.
        var events = channel.ServerStreamingAsync(Subscribe, request, null, ct).GetAsyncEnumerator(ct);
        await using (events)
        {
            var next = events.MoveNextAsync().AsTask();
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(50), time, ct));
            subscribed();
            while (await next)
            {
                if (ContainerOf(events.Current) is { } id)
                {
                    exited(id);
                }

                next = events.MoveNextAsync().AsTask();
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The runtime's event stream broke: {Detail}")]
    private partial void LogBroken(string detail);
}
