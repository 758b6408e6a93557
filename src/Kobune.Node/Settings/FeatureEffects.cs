using Kobune.Api.Schema;

namespace Kobune.Node.Settings;

/// <summary>Which feature gates change something here.</summary>
public static class FeatureEffects
{
    /// <summary>Gates that code asks for. Those of fields and kinds stand in the schema.</summary>
    private static readonly HashSet<string> Asked =
    [
        "AllAlpha", "AllBeta", "APIResponseCompression", "AuthorizeWithSelectors", "HPAScaleToZero", "LogarithmicScaleDown", "MutatingAdmissionPolicy", "OpenAPIEnums", "PodDeletionCost", "PodLogsQuerySplitStreams",
        "PodReadyToStartContainersCondition", "PodTopologyLabelsAdmission",
        "PreferSameTrafficDistribution", "ReduceDefaultCrashLoopBackOffDecay", "RelaxedDNSSearchValidation", "RelaxedEnvironmentVariableValidation", "RelaxedServiceNameValidation", "RetryGenerateName",
        "ServiceAccountTokenJTI", "ServiceAccountTokenNodeBinding", "ServiceAccountTokenPodNodeInfo", "StorageVersionHash", "StrictIPCIDRValidation", "WatchList",
    ];

    /// <summary>A gate of the options of a list alone, which nothing reads.</summary>
    private const string Unread = "ShardedListAndWatch";

    /// <summary>Gates that code asks for, for tests.</summary>
    internal static IReadOnlyCollection<string> AskedFor => Asked;

    /// <summary>Whether the gate changes something.</summary>
    public static bool Has(string gate) => Asked.Contains(gate) || (gate != Unread && ApiSchema.BuiltIn.Gates.Contains(gate));
}
