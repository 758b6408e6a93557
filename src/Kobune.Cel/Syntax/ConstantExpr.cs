using Kobune.Cel.Values;

namespace Kobune.Cel.Syntax;

internal sealed class ConstantExpr(int position, CelValue value) : CelExpr(position)
{
    public CelValue Value { get; } = value;
}
