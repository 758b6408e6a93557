using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;
using Kobune.ApiServer.Webhooks;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>A plugin that asks webhooks or policies: it is given the way to them before the first request.</summary>
internal interface IWebhookAdmission : IAdmissionPlugin
{
    /// <summary>Called once, when the server is put together.</summary>
    void Attach(WebhookServices services);
}

/// <summary>What the webhook plugins work with.</summary>
internal sealed record WebhookServices(WebhookCaller Caller, ResourceRegistry Registry, ApiMetrics Metrics, TimeProvider Time, ILogger Logger)
{
    /// <summary>The newest entry of a key, straight from the store; null when there is none.</summary>
    public required Func<string, CancellationToken, ValueTask<CacheEntry?>> ReadFresh { get; init; }
}
