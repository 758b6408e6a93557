using Kobune.Cel.Values;

namespace Kobune.Cel;

/// <summary>What an overload does; the arguments have the declared types (a member's target is the first). It returns an error value instead of throwing.</summary>
public delegate CelValue CelFunctionBody(ReadOnlySpan<CelValue> arguments);
