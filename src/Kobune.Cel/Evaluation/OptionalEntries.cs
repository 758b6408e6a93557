using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

internal static class OptionalEntries
{
    public static CelError Invalid(CelValue value) => new($"cannot initialize optional list element from non-optional value {value}");
}
