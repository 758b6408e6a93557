using Kobune.Cel.Values;

namespace Kobune.Cel;

/// <summary>Values of an environment's variables for one evaluation.</summary>
public interface ICelActivation
{
    /// <summary>The variable's value; null when it has none, which is an error only where the expression asks for it.</summary>
    CelValue? Find(string name);
}
