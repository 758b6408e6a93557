namespace Kobune.Cel;

/// <summary>Parts of the language that an environment has or has not.</summary>
[Flags]
public enum CelEnvironmentFeatures
{
    /// <summary>The language definition alone.</summary>
    None = 0,

    /// <summary>Optional values: <c>a.?b</c>, <c>a[?b]</c>, <c>{?k: v}</c>, optMap and optFlatMap.</summary>
    Optionals = 1,

    /// <summary>all, exists and existsOne with two variables; transformList, transformMap, transformMapEntry.</summary>
    TwoVariableComprehensions = 2,

    /// <summary>cel.bind. Expressions about devices have it, others of Kubernetes have not.</summary>
    Bindings = 4,

    /// <summary>Literals of durations, timestamps and patterns are checked when the expression is compiled.</summary>
    LiteralValidation = 8,

    /// <summary>The macro list.sortBy(e, key).</summary>
    SortBy = 16,
}
