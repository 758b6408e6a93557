namespace Kobune.Cel.Costs;

/// <summary>A call's cost, and the size of its result when it has one.</summary>
internal readonly record struct CallCost(CelRange Cost, CelRange? Result = null);
