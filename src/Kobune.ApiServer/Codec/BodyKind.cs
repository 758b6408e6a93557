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

        var ours = ApiSchema.SplitApiVersion(type.ApiVersion);
        var (group, version) = ApiSchema.SplitApiVersion(apiVersion);
        if (version.Length == 0 && (group.Length == 0 || group == ours.Group))
        {
            (group, version) = ours;
        }

        kind = kind.Length == 0 ? type.Name : kind;
        if (kind == type.Name && (group, version) == ours)
        {
            return;
        }

        var told = group.Length == 0 ? version : $"{group}/{version}";
        if (!type.IsCustom && schema.FindKind(told, kind) is null)
        {
            throw Unfit($"no kind \"{kind}\" is registered for version \"{told}\" in scheme \"{Scheme}\"");
        }

        if (kind != type.Name)
        {
            throw Unfit($"converting ({version}.{kind}) to ({Package(ours.Group)}.{type.Name}): unknown conversion");
        }

        throw StatusErrors.BadRequest($"the API version in the data ({told}) does not match the expected API version ({type.ApiVersion})");

        StatusException Unfit(string why) => StatusErrors.BadRequest($"{kind} in version \"{version}\" cannot be handled as a {type.Name}: {why}");
    }

    /// <summary>The Go package of a group's kinds as upstream has them inside.</summary>
    private static string Package(string group) => group.Split('.')[0] is { Length: > 0 } name and not "events" ? name : "core";
}
