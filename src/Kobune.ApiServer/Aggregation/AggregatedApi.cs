using System.Text;
using Kobune.Api.ApiRegistration.V1;
using Kobune.ApiServer.Outbound;

namespace Kobune.ApiServer.Aggregation;

/// <summary>A group version that another server answers for, as an APIService says.</summary>
/// <param name="Name">The APIService, "v1beta1.metrics.k8s.io".</param>
/// <param name="Group">"metrics.k8s.io".</param>
/// <param name="Version">"v1beta1".</param>
/// <param name="Service">The APIService's reference.</param>
/// <param name="Trust">What its certificate must be.</param>
/// <param name="GroupPriority">Groups with a higher one come first in discovery.</param>
/// <param name="VersionPriority">The same for the versions of a group.</param>
/// <param name="IsAvailable">Whether its condition Available is true.</param>
internal sealed record AggregatedApi(string Name, string Group, string Version, ServiceReference Service, OutboundTrust Trust, int GroupPriority, int VersionPriority, bool IsAvailable)
{
    private const int DefaultPort = 443;

    public string Path => $"/apis/{Group}/{Version}";

    public int Port => Service.Port ?? DefaultPort;

    /// <summary>Null for an APIService that this server answers itself.</summary>
    public static AggregatedApi? Of(APIService item) => item.Spec.Service is not { } service ? null : new(
        item.Metadata.Name,
        item.Spec.Group,
        item.Spec.Version,
        service,
        new($"{service.Name}.{service.Namespace}.svc", Encoding.UTF8.GetString(item.Spec.CABundle.Span), item.Spec.InsecureSkipTLSVerify),
        item.Spec.GroupPriorityMinimum,
        item.Spec.VersionPriority,
        item.Status.Conditions.Any(c => c is { Type: ApiServiceConditions.Available, Status: "True" }));
}
