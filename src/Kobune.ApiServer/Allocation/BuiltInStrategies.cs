using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Allocation;

/// <summary>Strategies that belong to the server itself: they know its ranges.</summary>
internal static class BuiltInStrategies
{
    public static IReadOnlyList<KindStrategy> Of(ApiServerOptions options)
    {
        var ranges = new ClusterIPRanges(ClusterIPRange.ParseAll(options.ServiceRange), options.Schema.FindResource("networking.k8s.io", "v1", "servicecidrs") is not null);
        return [new ServiceAllocationStrategy(ranges, options.NodePorts, options.Store)];
    }
}
