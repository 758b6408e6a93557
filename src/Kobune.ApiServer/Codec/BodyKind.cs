using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Codec;

/// <summary>
/// Whether what a body says it is can be taken for the kind that is written; what it leaves out is that kind's. Source: k8s.io/apimachinery,
/// runtime/serializer/json (gvkWithDefaults), and the create handler of k8s.io/apiserver, which looks at the version after decoding.
/// </summary>
internal static class BodyKind
{
    private const string Scheme = "pkg/api/legacyscheme/scheme.go:30";

    public static void Check(ApiSchema schema, string apiVersion, string kind, SchemaType type, ReadOnlySpan<byte> body)
    {
        if (!type.IsCustom && apiVersion.AsSpan().Count('/') > 1)
        {
            throw StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {type.Name}): unexpected GroupVersion string: {apiVersion} ({BodySummary.Of(body)})");
        }

        if (ProblemOf(schema, apiVersion, kind, type) is { } problem)
        {
            throw StatusErrors.BadRequest($"{(kind.Length == 0 ? type.Name : kind)} in version \"{Meant(apiVersion, type).Version}\" cannot be handled as a {type.Name}: {problem}");
        }

        var (group, version) = Meant(apiVersion, type);
        if ((group, version) != ApiSchema.SplitApiVersion(type.ApiVersion))
        {
            throw StatusErrors.BadRequest($"the API version in the data ({Told(group, version)}) does not match the expected API version ({type.ApiVersion})");
        }
    }

    /// <summary>Why something that says to be of a kind and version cannot be made into another; null when it can.</summary>
    public static string? ProblemOf(ApiSchema schema, string apiVersion, string kind, SchemaType type)
    {
        var (group, version) = Meant(apiVersion, type);
        var ours = ApiSchema.SplitApiVersion(type.ApiVersion);
        kind = kind.Length == 0 ? type.Name : kind;
        if (kind == type.Name && (group, version) == ours)
        {
            return null;
        }

        var told = Told(group, version);
        if (!type.IsCustom && schema.FindKind(told, kind) is null)
        {
            return $"no kind \"{kind}\" is registered for version \"{told}\" in scheme \"{Scheme}\"";
        }

        return kind == type.Name ? null : $"converting ({version}.{kind}) to ({Package(ours.Group)}.{type.Name}): unknown conversion";
    }

    private static (string Group, string Version) Meant(string apiVersion, SchemaType type)
    {
        var ours = ApiSchema.SplitApiVersion(type.ApiVersion);
        var (group, version) = ApiSchema.SplitApiVersion(apiVersion);
        return version.Length == 0 && (group.Length == 0 || group == ours.Group) ? ours : (group, version);
    }

    private static string Told(string group, string version) => group.Length == 0 ? version : $"{group}/{version}";

    /// <summary>The Go package of a group's kinds as upstream has them inside.</summary>
    public static string Package(string group) => group.Split('.')[0] is { Length: > 0 } name and not "events" ? name : "core";
}
