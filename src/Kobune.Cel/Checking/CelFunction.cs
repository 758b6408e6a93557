namespace Kobune.Cel.Checking;

/// <summary>A function: a name and its forms, in the order in which they are tried.</summary>
internal sealed record CelFunction(string Name, IReadOnlyList<CelOverload> Overloads);
