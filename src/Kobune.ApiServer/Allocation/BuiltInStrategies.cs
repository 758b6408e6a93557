using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Allocation;

/// <summary>Strategies that belong to the server itself: they know its ranges.</summary>
internal static class BuiltInStrategies
{
    public static IReadOnlyList<KindStrategy> Of(ApiServerOptions options) =>
        [new ServiceAllocationStrategy(ClusterIPRange.ParseAll(options.ServiceRange), options.NodePorts, options.Store)];
}
