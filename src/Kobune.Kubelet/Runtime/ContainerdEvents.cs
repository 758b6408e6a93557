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
    /// <param name="execExited">Gets the id of a container and that of an exec in it.</param>
    /// <param name="subscribed">Called once the stream stands, and after each gap.</param>
    internal async Task RunAsync(Action<string> exited, Action<string, string> execExited, Action subscribed, CancellationToken ct)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(exited, execExited, subscribed, ct);
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

    /// <summary>Whose end an event tells. That of an exec is no change of the container: exec probes would wake their pod for nothing.</summary>
    internal static (string Container, string? Exec)? EndOf(Envelope envelope) => Parse(TaskExit.Parser, envelope) switch
    {
        null => null,
        { Id: { Length: > 0 } id } exit when id != exit.ContainerId => (exit.ContainerId, id),
        var exit => (exit.ContainerId, null),
    };

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

    private async Task ReadAsync(Action<string> exited, Action<string, string> execExited, Action subscribed, CancellationToken ct)
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
                switch (EndOf(events.Current))
                {
                    case (var container, { } exec):
                        execExited(container, exec);
                        break;
                    case (var container, null):
                        exited(container);
                        break;
                }

                next = events.MoveNextAsync().AsTask();
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The runtime's event stream broke: {Detail}")]
    private partial void LogBroken(string detail);
}
