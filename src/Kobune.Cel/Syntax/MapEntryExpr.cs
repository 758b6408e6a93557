namespace Kobune.Cel.Syntax;

internal readonly record struct MapEntryExpr(CelExpr Key, CelExpr Value, bool IsOptional);
