namespace Kobune.ApiServer.Registry;

/// <summary>Fields that an endpoint does not write, so that a writer there never comes to own them. Source: GetResetFields of upstream's strategies.</summary>
internal static class ResetFields
{
    private static readonly IReadOnlyList<string[]> None = [];
    private static readonly IReadOnlyList<string[]> Status = [["f:status"]];
    private static readonly IReadOnlyList<string[]> SpecAndCertificate = [["f:spec"], ["f:status", "f:certificate"]];

    public static IReadOnlyList<string[]> Of(StoredKind kind, string subresource) => (subresource, kind.HasStatus) switch
    {
        ("status", _) => kind.Rules.Status.Reset,
        ("approval", _) => SpecAndCertificate,
        ("", true) when !kind.Rules.KeepsStatusOnCreate => Status,
        _ => None,
    };
}
