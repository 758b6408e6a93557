using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Endpoints;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.EndpointSlices;

/// <summary>What the slices of one Service have in common.</summary>
/// <param name="Namespace">Their namespace.</param>
/// <param name="GenerateName">Prefix of their names.</param>
/// <param name="Labels">All their labels.</param>
/// <param name="Owner">The owner that controls them.</param>
/// <param name="MaxEndpoints">The most endpoints in one.</param>
/// <param name="Annotations">All their annotations but that of the trigger; null where they keep what they have.</param>
internal sealed record SliceTemplate(string Namespace, string GenerateName, IReadOnlyDictionary<string, string> Labels, OwnerReference Owner, int MaxEndpoints, IReadOnlyDictionary<string, string>? Annotations = null)
{
    /// <summary>Whether one slice has all endpoints of the same ports, whatever stands in others.</summary>
    public bool IsSingle { get; init; }

    public const string ServiceNameLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";

    /// <summary>Who keeps slices of Services with a selector.</summary>
    public const string Manager = "endpointslice-controller.k8s.io";

    /// <summary>Endpoints per slice, --max-endpoints-per-slice.</summary>
    public const int DefaultMaxEndpoints = 100;

    /// <summary>Slices of a Service: its own labels, and those of the controller.</summary>
    public static SliceTemplate Of(Service service)
    {
        var labels = Common(service.Metadata.Labels, service.Metadata.Name, Manager);
        if (ServicePods.IsHeadless(service))
        {
            labels[ServicePods.HeadlessLabel] = "";
        }

        return new(service.Metadata.Namespace, service.Metadata.Name + "-", labels, PodFromTemplate.ControllerReference(service), DefaultMaxEndpoints);
    }

    /// <summary>Labels that a user gave, and those by which slices are found.</summary>
    public static Dictionary<string, string> Common(IReadOnlyDictionary<string, string> own, string service, string manager)
    {
        var labels = own.Where(l => l.Key is not (ServiceNameLabel or ManagedByLabel or ServicePods.HeadlessLabel)).ToDictionary();
        labels[ServiceNameLabel] = service;
        labels[ManagedByLabel] = manager;
        return labels;
    }
}
