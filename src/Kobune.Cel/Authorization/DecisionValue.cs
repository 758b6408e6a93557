using Kobune.Cel.Values;

namespace Kobune.Cel.Authorization;

/// <summary>An answer.</summary>
internal sealed class DecisionValue(CelDecision decision) : CelLibraryObject(CelAuthorizer.DecisionType)
{
    public CelDecision Decision => decision;

    public override bool EqualTo(CelValue other) => other is DecisionValue value && value.Decision == decision;
}
