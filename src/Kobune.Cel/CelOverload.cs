using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel;

/// <summary>One form of a function.</summary>
/// <param name="Id">A name that is unique in an environment; costs are looked up by it.</param>
/// <param name="IsMember">Called on its first argument: <c>a.f(b)</c>.</param>
/// <param name="Arguments">The types, the target of a member included; parameters are <see cref="CelType.Parameter"/>.</param>
/// <param name="Result">The type of what it gives.</param>
/// <param name="Body">What it does.</param>
public sealed record CelOverload(string Id, bool IsMember, IReadOnlyList<CelType> Arguments, CelType Result, CelFunctionBody Body)
{
    /// <summary>Whether values fit, which only dynamic types leave open until evaluation.</summary>
    internal bool Accepts(ReadOnlySpan<CelValue> values)
    {
        if (values.Length != Arguments.Count)
        {
            return false;
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (!Fits(Arguments[i], values[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Fits(CelType declared, CelValue value) => declared.Kind switch
    {
        CelKind.Dyn or CelKind.Parameter => true,
        // Of lists and maps the first entry is looked at, and no other.
        CelKind.List => value is CelList list && (list.Count == 0 || Fits(declared.Parameters[0], list[0])),
        CelKind.Map => value is CelMap map && (map.Count == 0 || map.Keys.FirstOrDefault() is not { } key || (Fits(declared.Parameters[0], key) && Fits(declared.Parameters[1], map.Find(key)!))),
        CelKind.Type => value is CelTypeValue,
        CelKind.Struct or CelKind.Opaque => value.TypeName == declared.Name,
        _ => value.Type.Kind == declared.Kind,
    };
}
