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
            null => new CelError($"unsupported index type '{key.TypeName}' in list"),
            { } i when i >= 0 && i < list.Count => list[(int)i],
            _ => isTest ? null : CelError.IndexOutOfBounds(index.Value),
        };
    }
}

/// <summary>A variable of the environment.</summary>
internal sealed class VariableNode(string name) : AttributeNode
{
    private readonly CelError _missing = new($"no such attribute(s): {name}");

    public override CelValue Resolve(CelFrame frame) => frame.Activation.Find(name) ?? _missing;
}

/// <summary>A variable of a macro.</summary>
internal sealed class SlotNode(int slot) : AttributeNode
{
    public override CelValue Resolve(CelFrame frame) => frame.Slot(slot)!;
}

/// <summary>A name for a value that is made when it is first used.</summary>
internal sealed class BindingSlotNode(int slot, CelNode value) : AttributeNode
{
    public override CelValue Resolve(CelFrame frame) => frame.Slot(slot) ??= value.Evaluate(frame);
}

/// <summary>Any value, as the root of fields below it.</summary>
internal sealed class RelativeNode(CelNode operand) : AttributeNode
{
    public override CelValue Resolve(CelFrame frame) => operand.Evaluate(frame);
}

internal sealed class SelectNode(AttributeNode operand, CelString field, bool isOptional) : AttributeNode
{
    protected override bool IsFree => operand is ConditionalNode;

    public override CelValue Resolve(CelFrame frame)
    {
        var value = operand.Resolve(frame);
        frame.Charge(1);
        return Step(value, field, isOptional);
    }
}

internal sealed class IndexNode(AttributeNode operand, CelNode index, bool isOptional) : AttributeNode
{
    protected override bool IsFree => operand is ConditionalNode;

    public override CelValue Resolve(CelFrame frame)
    {
        var value = operand.Resolve(frame);
        var key = index.Evaluate(frame);
        if (index is not AttributeNode)
        {
            frame.Charge(1);
        }

        return value.IsError ? value : key.IsError ? key : Step(value, key, isOptional);
    }
}

/// <summary>has(operand.field); Kubernetes charges for what is below the variable alone.</summary>
internal sealed class HasNode(AttributeNode operand, CelString field) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var value = operand.Resolve(frame);
        frame.Charge(1);
        if (value is CelOptional optional)
        {
            value = optional.Value ?? CelNull.Instance;
        }

        return value switch
        {
            CelError => value,
            CelList => new CelError("unsupported index type 'string' in list"),
            CelObject made => CelBool.Of(made.Field(field.Value) is not null),
            CelMap map => CelBool.Of(map.Find(field) is not null),
            _ => CelBool.False,
        };
    }
}

internal sealed class ConditionalNode(CelNode condition, CelNode yes, CelNode no) : AttributeNode
{
    protected override bool IsFree => true;

    public override CelValue Resolve(CelFrame frame)
    {
        var test = condition.Evaluate(frame);
        if (test is not CelBool decided)
        {
            return test.IsError ? test : CelError.NoSuchOverload;
        }

        var branch = decided.Value ? yes : no;
        return branch is AttributeNode attribute ? attribute.Resolve(frame) : branch.Evaluate(frame);
    }
}
