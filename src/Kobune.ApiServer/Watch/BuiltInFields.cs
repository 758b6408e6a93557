namespace Kobune.ApiServer.Watch;

/// <summary>
/// Field labels of built-in kinds that are no path of the stored object, or that have a value where the object has none. Source: k8s.io/kubernetes, the
/// ToSelectableFields functions of pkg/registry and the field label conversions of pkg/apis.
/// </summary>
internal static class BuiltInFields
{
    /// <summary>The value of a field label ("spec.unschedulable") as selectors compare it.</summary>
    public static string Of(CacheEntry entry, string field) => field switch
    {
        "name" => entry.Name,
        "source" => entry.Field("source.component") is { Length: > 0 } component ? component : entry.Field("reportingComponent"),
        "reportingController" => entry.Field("reportingComponent"),
        "spec.unschedulable" or "spec.hostNetwork" => Or(entry.Field(field), "false"),
        "status.replicas" => Or(entry.Field(field), "0"),
        "status.successful" => Or(entry.Field("status.succeeded"), "0"),
        _ when field.StartsWith("regarding.", StringComparison.Ordinal) => entry.Field("involvedObject." + field["regarding.".Length..]),
        _ => entry.Field(field),
    };

    private static string Or(string value, string absent) => value.Length > 0 ? value : absent;
}
