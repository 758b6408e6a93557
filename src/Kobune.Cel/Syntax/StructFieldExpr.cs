namespace Kobune.Cel.Syntax;

internal readonly record struct StructFieldExpr(int Position, string Name, CelExpr Value, bool IsOptional);
