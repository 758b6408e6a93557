using System.Collections.Concurrent;
using Kobune.Cel.Libraries;

namespace Kobune.Cel;

/// <summary>What releases of Kubernetes offer to expressions (k8s.io/apiserver/pkg/cel/environment/base.go).</summary>
public static class CelKubernetes
{
    private static readonly ConcurrentDictionary<(int, bool), CelEnvironment> Environments = new();

    /// <summary>jsonpatch.escapeKey, which expressions of mutating policies have.</summary>
    public static CelLibrary JsonPatch => JsonPatchLibrary.Library;

    /// <summary>The language and libraries of release 1.<paramref name="minor"/>, without variables; selectors of authorizer checks come with their feature gate.</summary>
    public static CelEnvironment Environment(int minor, bool authorizationSelectors = true) =>
        Environments.GetOrAdd((minor, authorizationSelectors), key => Make(key.Item1, key.Item2));

    internal static CelEnvironment Make(int minor, bool authorizationSelectors, CelEnvironmentFeatures more = CelEnvironmentFeatures.None)
    {
        var features = more | (minor >= 28 ? CelEnvironmentFeatures.Optionals : 0)
            | (minor >= 29 ? CelEnvironmentFeatures.LiteralValidation : 0)
            | (minor >= 32 ? CelEnvironmentFeatures.TwoVariableComprehensions : 0)
            | (minor >= 34 ? CelEnvironmentFeatures.SortBy : 0);
        (int Since, CelLibrary Library)[] libraries =
        [
            (0, UrlLibrary.Library),
            (0, RegexLibrary.Library),
            (0, ListLibrary.Library),
            (0, StringLibrary.Version0),
            (27, AuthorizerLibrary.Library),
            (28, QuantityLibrary.Library),
            (29, StringLibrary.Version2),
            (29, SetLibrary.Library),
            (30, IpLibrary.Library),
            (30, CidrLibrary.Library),
            (31, FormatLibrary.Library),
            (authorizationSelectors ? 31 : int.MaxValue, AuthorizerLibrary.Selectors),
            (33, SemverLibrary.Library),
            (34, ExtendedListLibrary.Library),
        ];
        return CelEnvironment.Create(features, libraries.Where(l => minor >= l.Since).Select(l => l.Library));
    }
}
