using Kobune.Cel.Syntax;
using Kobune.Cel.Types;

namespace Kobune.Cel.Costs;

/// <summary>What a value of the tree is to an estimate.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Path">Where it comes from; empty when from no variable.</param>
/// <param name="Size">Its size, when it is known from the expression.</param>
/// <param name="Tree">The expression; null for elements of lists.</param>
internal sealed record CostOperand(CelType Type, IReadOnlyList<string> Path, CelRange? Size, CelExpr? Tree);
