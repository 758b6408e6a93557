namespace Kobune.Cel.Evaluation;

internal readonly record struct MapEntryNode(CelNode Key, CelNode Value, bool IsOptional);
