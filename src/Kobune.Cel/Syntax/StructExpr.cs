namespace Kobune.Cel.Syntax;

internal sealed class StructExpr(int position, string typeName, IReadOnlyList<StructFieldExpr> fields) : CelExpr(position)
{
    public string TypeName { get; } = typeName;

    public IReadOnlyList<StructFieldExpr> Fields { get; } = fields;
}
