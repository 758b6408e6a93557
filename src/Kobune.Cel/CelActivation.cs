using Kobune.Cel.Values;

namespace Kobune.Cel;

/// <summary>Variables in a dictionary.</summary>
public sealed class CelActivation(IReadOnlyDictionary<string, CelValue> variables) : ICelActivation
{
    /// <summary>No variables.</summary>
    public static readonly CelActivation Empty = new(new Dictionary<string, CelValue>());

    public CelValue? Find(string name) => variables.GetValueOrDefault(name);
}
