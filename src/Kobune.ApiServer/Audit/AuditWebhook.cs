using System.Buffers;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Audit;

/// <summary>The audit webhook: posts EventLists; failures of the connection, 429 and 5xx are tried again with growing waits. Source: k8s.io/apiserver, plugin/audit/webhook.</summary>
internal sealed class AuditWebhook(AuditWebhookOptions options, TimeProvider time) : IAuditBackend
{
    private const int Tries = 5;
    private const double Growth = 1.5;

    private readonly KubeconfigClient _client = KubeconfigClient.Load(options.ConfigFile);

    public string Name => "webhook";

    public bool IsLegacy => false;

    public async ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken ct)
    {
        var body = Body(events);
        var wait = options.InitialBackoff;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var answer = await _client.PostAsync(body, ct);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                if (attempt == Tries || (int)answer.StatusCode is not (429 or >= 500))
                {
                    throw new IOException($"the webhook answers {(int)answer.StatusCode}");
                }
            }
            catch (HttpRequestException) when (attempt < Tries)
            {
                // not reached: once more
            }

            await Task.Delay(wait, time, ct);
            wait *= Growth;
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static ReadOnlyMemory<byte> Body(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        var buffer = new ArrayBufferWriter<byte>(events.Sum(e => e.Length) + 128);
        buffer.Write("""{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":["""u8);
        for (var i = 0; i < events.Count; i++)
        {
            if (i > 0)
            {
                buffer.Write(","u8);
            }

            buffer.Write(events[i].Span);
        }

        buffer.Write("]}"u8);
        return buffer.WrittenMemory;
    }
}
