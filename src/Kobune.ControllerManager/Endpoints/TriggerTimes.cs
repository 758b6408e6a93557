using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Endpoints;

/// <summary>
/// Remembers per Service which changes were already accounted for, and names the time of the oldest that was not: the annotation from which the
/// latency of the network is measured. Source: k8s.io/endpointslice/util, TriggerTimeTracker.
/// </summary>
internal sealed class TriggerTimes
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, (DateTimeOffset? Service, Dictionary<string, DateTimeOffset> Pods)> _states = [];

    /// <summary>The time of the oldest change since the last call; null when none has a time.</summary>
    public string? Next(Service service, IReadOnlyList<Pod> pods)
    {
        lock (_lock)
        {
            var key = ObjectKey.Of(service);
            var known = _states.TryGetValue(key, out var state);
            var times = new Dictionary<string, DateTimeOffset>();
            DateTimeOffset? oldest = null;
            foreach (var pod in pods)
            {
                if (pod.Condition(PodConditionType.Ready)?.LastTransitionTime is { } time)
                {
                    times[pod.Metadata.Name] = time;
                    if (known && (!state.Pods.TryGetValue(pod.Metadata.Name, out var before) || time > before))
                    {
                        oldest = oldest is null || time < oldest ? time : oldest;
                    }
                }
            }

            if (!known || service.Metadata.CreationTimestamp > state.Service)
            {
                oldest = service.Metadata.CreationTimestamp; // the Service itself is the change
            }

            _states[key] = (service.Metadata.CreationTimestamp, times);
            return oldest?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The Service is gone.</summary>
    public void Forget(ObjectKey service)
    {
        lock (_lock)
        {
            _states.Remove(service);
        }
    }
}
