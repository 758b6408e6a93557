using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>
/// A variable or what is below it. Costs are cel-go's: one for the attribute when its value is asked for, one for each field or index; a branch
/// of a conditional and the operand of has() are resolved as parts of another attribute, so they do not pay for themselves.
/// </summary>
internal abstract class AttributeNode : CelNode
{
    protected virtual bool IsFree => false;

    public sealed override CelValue Evaluate(CelFrame frame)
    {
        var value = Resolve(frame);
        if (!IsFree)
        {
            frame.Charge(1);
        }

        return value;
    }

    public abstract CelValue Resolve(CelFrame frame);

    /// <summary>What is below a value; null when nothing is there.</summary>
    protected static CelValue? Below(CelValue value, CelValue key, bool isTest) => value switch
    {
        CelObject made when key is CelString name => made.Field(name.Value),
        CelMap map => map.Find(key),
        CelList list => At(list, key, isTest),
        CelError => value,
        _ => null,
    };

    /// <summary>Below an optional everything is optional; absent stays absent.</summary>
    protected static CelValue Step(CelValue operand, CelValue key, bool isOptional)
    {
        if (operand.IsError)
        {
            return operand;
        }

        if (operand is CelOptional optional)
        {
            return optional.Value is null ? optional : Lift(Below(optional.Value, key, isTest: true));
        }

        var found = Below(operand, key, isOptional);
        return isOptional ? Lift(found) : found ?? (operand is CelList ? CelError.NoSuchOverload : CelError.NoSuchKey(key.ToString()!));
    }

    /// <summary>The same with its cost: what is absent costs nothing.</summary>
    protected static CelValue Step(CelFrame frame, CelValue operand, CelValue key, bool isOptional, bool isCharged = true)
    {
        var found = Step(operand, key, isOptional);
        if (isCharged && !(IsAbsent(found) && (isOptional || operand is CelOptional)))
        {
            frame.Charge(1);
        }

        return found;
    }

    protected static bool IsAbsent(CelValue value) => value is CelOptional { Value: null };

    private static CelValue Lift(CelValue? found) => found is null ? CelOptional.None : found.IsError ? found : CelOptional.Of(found);

    private static CelValue? At(CelList list, CelValue key, bool isTest)
    {
        var index = key switch
        {
            CelInt i => i.Value,
            CelUint u when u.Value <= long.MaxValue => (long)u.Value,
            CelDouble d when d.Value is >= long.MinValue and < 9.2233720368547758e18 && double.IsInteger(d.Value) => (long)d.Value,
            _ => (long?)null,
        };
        return index switch
        {
            null when key is CelDouble or CelUint => new CelError($"unsupported index value {key} in list"),
            null => new CelError($"unsupported index type '{key.TypeName}' in list"),
            { } i when i >= 0 && i < list.Count => list[(int)i],
            _ => isTest ? null : CelError.IndexOutOfBounds(index.Value),
        };
    }
}
