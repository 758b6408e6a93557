using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using ApiStatus = Kobune.Api.Meta.V1.Status;

namespace Kobune.Scheduler.Plugins;

/// <summary>Binds by the binding subresource of the pod.</summary>
internal sealed class DefaultBinder(IClient client, CallMetrics calls, TimeProvider time) : IBindPlugin
{
    public string Name => "DefaultBinder";

    public async Task<Status?> BindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        var metadata = pod.Pod.Metadata;
        var binding = new Binding
        {
            Metadata = new() { Namespace = metadata.Namespace, Name = metadata.Name, Uid = metadata.Uid },
            Target = new() { Kind = "Node", Name = nodeName },
        };
        var (start, isDone) = (time.GetTimestamp(), false);
        try
        {
            await client.CreateSubresourceAsync<Pod, Binding, ApiStatus>(metadata.Namespace, metadata.Name, "binding", binding, ct);
            isDone = true;
            return null;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            return Status.Error(Name, e.Message);
        }
        finally
        {
            calls.Called(CallMetrics.Binding, isDone, time.GetElapsedTime(start));
        }
    }
}
