using Kobune.Cel.Types;

namespace Kobune.Cel;

/// <summary>Functions and types that an environment can have.</summary>
/// <param name="Name">For messages.</param>
public sealed record CelLibrary(string Name)
{
    /// <summary>Forms of functions, by the functions' names.</summary>
    public IReadOnlyList<(string Function, CelOverload Overload)> Overloads { get; init; } = [];

    /// <summary>Names of types that expressions can write.</summary>
    public IReadOnlyDictionary<string, CelType> Types { get; init; } = new Dictionary<string, CelType>();
}
