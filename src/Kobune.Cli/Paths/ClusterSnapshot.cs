using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Networking.V1;
using Kobune.Client;

namespace Kobune.Cli.Paths;

// Inside the namespace: Kobune.Ingress, the room, would hide it otherwise.
using Ingress = Kobune.Api.Networking.V1.Ingress;

/// <summary>What the API says about everything that a way can touch, read once.</summary>
internal sealed record ClusterSnapshot
{
    public IReadOnlyList<Service> Services { get; init; } = [];

    public IReadOnlyList<EndpointSlice> Slices { get; init; } = [];

    public IReadOnlyList<Pod> Pods { get; init; } = [];

    public IReadOnlyList<Event> Events { get; init; } = [];

    public IReadOnlyList<Ingress> Ingresses { get; init; } = [];

    public IReadOnlyList<IngressClass> Classes { get; init; } = [];

    public IReadOnlyList<Secret> TlsSecrets { get; init; } = [];

    public IReadOnlyList<Api.Core.V1.Node> Nodes { get; init; } = [];

    /// <summary>Reads it, all kinds side by side.</summary>
    public static async Task<ClusterSnapshot> ReadAsync(IClient client, CancellationToken ct)
    {
        var services = client.ListAsync<Service>("", null, ct);
        var slices = client.ListAsync<EndpointSlice>("", null, ct);
        var pods = client.ListAsync<Pod>("", null, ct);
        var events = client.ListAsync<Event>("", new() { FieldSelector = "involvedObject.kind=Pod" }, ct);
        var ingresses = client.ListAsync<Ingress>("", null, ct);
        var classes = client.ListAsync<IngressClass>("", null, ct);
        var secrets = client.ListAsync<Secret>("", new() { FieldSelector = "type=kubernetes.io/tls" }, ct);
        var nodes = client.ListAsync<Api.Core.V1.Node>("", null, ct);
        return new()
        {
            Services = (await services).Items,
            Slices = (await slices).Items,
            Pods = (await pods).Items,
            Events = (await events).Items,
            Ingresses = (await ingresses).Items,
            Classes = (await classes).Items,
            TlsSecrets = (await secrets).Items,
            Nodes = (await nodes).Items,
        };
    }

    /// <summary>A Service by name.</summary>
    public Service? Service(string ns, string name) => Services.FirstOrDefault(s => s.Metadata.Namespace == ns && s.Metadata.Name == name);

    /// <summary>A pod by name.</summary>
    public Pod? Pod(string ns, string name) => Pods.FirstOrDefault(p => p.Metadata.Namespace == ns && p.Metadata.Name == name);

    /// <summary>The slices of a Service.</summary>
    public IEnumerable<EndpointSlice> SlicesOf(Service service) => Slices.Where(s =>
        s.Metadata.Namespace == service.Metadata.Namespace && s.Metadata.Labels.TryGetValue("kubernetes.io/service-name", out var name) && name == service.Metadata.Name);

    /// <summary>The pods that a Service selects; none without a selector.</summary>
    public IEnumerable<Pod> PodsOf(Service service) => service.Spec.Selector.Count == 0
        ? []
        : Pods.Where(p => p.Metadata.Namespace == service.Metadata.Namespace
            && service.Spec.Selector.All(l => p.Metadata.Labels.TryGetValue(l.Key, out var value) && value == l.Value));

    /// <summary>The newest event of a pod with one of these reasons.</summary>
    public Event? EventOf(Pod pod, params string[] reasons) => Events
        .Where(e => e.InvolvedObject.Uid == pod.Metadata.Uid && reasons.Contains(e.Reason))
        .MaxBy(e => e.LastTimestamp ?? e.EventTime ?? e.Metadata.CreationTimestamp);
}
