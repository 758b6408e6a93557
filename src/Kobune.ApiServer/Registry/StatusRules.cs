namespace Kobune.ApiServer.Registry;

/// <summary>What the status endpoint of a kind leaves as it is beside the spec, and what its writers never come to own. Source: PrepareForUpdate and GetResetFields of upstream's status strategies, which differ from kind to kind.</summary>
internal sealed record StatusRules
{
    private static readonly string[] Spec = ["f:spec"];
    private static readonly string[] Metadata = ["f:metadata"];
    private static readonly string[] Meta = ["labels", "annotations", "finalizers", "ownerReferences"];

    /// <summary>Metadata can be changed together with the status.</summary>
    public static StatusRules Open { get; } = new();

    /// <summary>Labels stay (Deployments).</summary>
    public static StatusRules KeepsLabels { get; } = new() { Kept = ["labels"], Reset = [Spec, ["f:metadata", "f:labels"]] };

    /// <summary>Owners stay (pods: old kubelets sent wrong ones).</summary>
    public static StatusRules KeepsOwners { get; } = new() { Kept = ["ownerReferences"], Reset = [Spec, ["f:metadata", "f:deletionTimestamp"], ["f:metadata", "f:ownerReferences"]] };

    /// <summary>The status alone is written, and owned.</summary>
    public static StatusRules StatusAlone { get; } = new() { Kept = Meta, Reset = [Spec, Metadata] };

    /// <summary>The status alone is written, but who sends other metadata comes to own the fields.</summary>
    public static StatusRules StatusAloneButOwned { get; } = new() { Kept = Meta };

    /// <summary>The status alone is written, and who sends anything else comes to own it all.</summary>
    public static StatusRules NothingReset { get; } = new() { Kept = Meta, Reset = [] };

    /// <summary>Metadata is written and owned by nobody (CustomResourceDefinitions: upstream resets the new metadata to itself).</summary>
    public static StatusRules MetadataUnowned { get; } = new() { Reset = [Spec, Metadata] };

    /// <summary>Conditions are nobody's (CertificateSigningRequests).</summary>
    public static StatusRules ConditionsUnowned { get; } = new() { Reset = [Spec, ["f:status", "f:conditions"]] };

    /// <summary>Fields of the metadata that stay.</summary>
    public IReadOnlyList<string> Kept { get; private init; } = [];

    /// <summary>Paths that a writer of the status does not own.</summary>
    public IReadOnlyList<string[]> Reset { get; private init; } = [Spec];
}
