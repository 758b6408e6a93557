using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.Testing.Nodes;

/// <summary>The objects that make metrics.k8s.io/v1beta1 known.</summary>
internal static class MetricsApi
{
    private const string Name = "metrics-server";

    public static async Task RegisterAsync(IClient client, CancellationToken ct)
    {
        await client.CreateAsync(
            new Service
            {
                Metadata = new() { Name = Name, Namespace = "kube-system" },
                Spec = new() { Type = "ExternalName", ExternalName = SimulatedTargets.MetricsHost },
            },
            ct);
        await client.CreateAsync(
            new APIService
            {
                Metadata = new() { Name = "v1beta1.metrics.k8s.io" },
                Spec = new()
                {
                    Group = "metrics.k8s.io",
                    Version = "v1beta1",
                    Service = new() { Name = Name, Namespace = "kube-system", Port = 443 },
                    InsecureSkipTLSVerify = true,
                    GroupPriorityMinimum = 100,
                    VersionPriority = 100,
                },
            },
            ct);
    }
}
