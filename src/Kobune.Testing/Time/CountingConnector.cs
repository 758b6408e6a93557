using Kobune.ApiServer.Outbound;

namespace Kobune.Testing.Time;

/// <summary>Counts calls that leave the process (webhooks, aggregated servers): time stands while one is under way.</summary>
internal sealed class CountingConnector(IOutboundConnector inner, ClusterScheduler scheduler) : IOutboundConnector
{
    public async ValueTask<(HttpMessageInvoker Invoker, Uri BaseAddress)> ConnectAsync(OutboundTarget target, CancellationToken ct)
    {
        var (invoker, address) = await inner.ConnectAsync(target, ct);
        return (new(new Handler(invoker, scheduler, target.Purpose == OutboundPurpose.Webhook)), address);
    }

    private sealed class Handler(HttpMessageInvoker inner, ClusterScheduler scheduler, bool isWhole) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            scheduler.Leave();
            try
            {
                var response = await inner.SendAsync(request, cancellationToken);
                if (isWhole)
                {
                    await response.Content.LoadIntoBufferAsync(cancellationToken); // else the body would come while nobody counts
                }

                return response;
            }
            finally
            {
                scheduler.Return();
            }
        }
    }
}
