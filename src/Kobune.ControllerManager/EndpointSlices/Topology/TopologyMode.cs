using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Events;

namespace Kobune.ControllerManager.EndpointSlices.Topology;

/// <summary>Which Services have hints by topology mode Auto, so that people are told when that begins and when it ends.</summary>
internal sealed class TopologyMode(IEventRecorder events)
{
    private const string Annotation = "service.kubernetes.io/topology-mode";
    private const string OldAnnotation = "service.kubernetes.io/topology-aware-hints"; // wins when both are there
    private const string Disabled = "TopologyAwareHintsDisabled";
    private readonly ConcurrentDictionary<ObjectKey, bool> _hinted = new();

    /// <summary>Whether a Service asks for it (hintsEnabled in k8s.io/endpointslice/utils.go); it goes before trafficDistribution.</summary>
    public static bool IsAuto(Service service) =>
        (service.Metadata.Annotations.GetValueOrDefault(OldAnnotation) ?? service.Metadata.Annotations.GetValueOrDefault(Annotation)) is "Auto" or "auto";

    /// <summary>The Service is gone.</summary>
    public void Forget(ObjectKey key) => _hinted.TryRemove(key, out _);

    /// <summary>Tells how it went.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="outcomes">Why there are no hints, or null, by address type; empty when the Service does not ask for them.</param>
    public void Tell(Service service, IReadOnlyDictionary<string, string?> outcomes)
    {
        var key = ObjectKey.Of(service);
        if (!IsAuto(service))
        {
            if (_hinted.TryRemove(key, out _))
            {
                events.Warning(service, Disabled, "Topology Aware Hints has been disabled, addressType: " + (service.Spec.IPFamilies.Count > 0 ? service.Spec.IPFamilies[0] : IPFamily.IPv4));
            }

            return;
        }

        foreach (var (type, problem) in outcomes)
        {
            if (problem is not null)
            {
                _hinted.TryRemove(key, out _);
                events.Warning(service, Disabled, $"{problem}, addressType: {type}");
            }
            else if (_hinted.TryAdd(key, true))
            {
                events.Normal(service, "TopologyAwareHintsEnabled", "Topology Aware Hints has been enabled, addressType: " + type);
            }
        }
    }
}
