namespace Kobune.ApiServer.Registry;

/// <summary>Fields that an endpoint does not write, so that a writer there never comes to own them. Source: GetResetFields of upstream's strategies.</summary>
internal static class ResetFields
{
    private static readonly IReadOnlyList<string[]> None = [];
    private static readonly IReadOnlyList<string[]> Status = [["f:status"]];
    private static readonly IReadOnlyList<string[]> Spec = [["f:spec"]];
    private static readonly IReadOnlyList<string[]> SpecAndLabels = [["f:spec"], ["f:metadata", "f:labels"]];
    private static readonly IReadOnlyList<string[]> SpecAndOwners = [["f:spec"], ["f:metadata", "f:deletionTimestamp"], ["f:metadata", "f:ownerReferences"]];

    public static IReadOnlyList<string[]> Of(StoredKind kind, string subresource) => (subresource, kind.HasStatus) switch
    {
        ("status", _) when kind.Rules.StatusKeepsLabels => SpecAndLabels,
        ("status", _) when kind.Schema is { Group: "", Plural: "pods" } => SpecAndOwners,
        ("status", _) => Spec,
        ("approval", _) => Spec,
        ("", true) when !kind.Rules.KeepsStatusOnCreate => Status,
        _ => None,
    };
}
