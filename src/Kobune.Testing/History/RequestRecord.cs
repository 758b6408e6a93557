namespace Kobune.Testing.History;

/// <summary>One request that was answered.</summary>
/// <param name="Time">When, by the cluster's clock.</param>
/// <param name="Identity">Who asked.</param>
/// <param name="Verb">get, list, watch, create, update, patch, delete, deletecollection.</param>
/// <param name="Resource">"pods", "pods/status"; empty for other paths.</param>
/// <param name="Namespace">Empty for all, or for none.</param>
/// <param name="Name">Empty for a collection.</param>
/// <param name="Path">The whole path.</param>
/// <param name="StatusCode">Of the answer.</param>
public sealed record RequestRecord(DateTimeOffset Time, string Identity, string Verb, string Resource, string Namespace, string Name, string Path, int StatusCode);
