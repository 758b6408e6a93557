using Kobune.Api;
using Kobune.Api.Validation;

namespace Kobune.ApiServer.Kinds;

/// <summary>Names that are good for the object, but not for what is called after it.</summary>
internal static class NameWarnings
{
    /// <summary>A kind whose pods are named after it is created.</summary>
    public static IEnumerable<string> OfPods(string? name, EncodedObject? old) => old is null ? NotALabel(name, "Pod names and hostnames") : [];

    public static IEnumerable<string> NotALabel(string? name, string use) => NameValidation.Dns1123Label(name ?? "") is { Count: > 0 } problems
        ? [$"metadata.name: this is used in {use}, which can result in surprising behavior; a DNS label is recommended: [{string.Join(' ', problems)}]"]
        : [];
}
