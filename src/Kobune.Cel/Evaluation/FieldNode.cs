namespace Kobune.Cel.Evaluation;

internal readonly record struct FieldNode(string Name, CelNode Value, bool IsOptional);
