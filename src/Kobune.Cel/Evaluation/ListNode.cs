using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

internal sealed class ListNode(CelNode[] elements, IReadOnlySet<int> optional) : CelNode
{
    public const ulong BaseCost = 10;

    public override CelValue Evaluate(CelFrame frame)
    {
        var values = new List<CelValue>(elements.Length);
        for (var i = 0; i < elements.Length; i++)
        {
            var value = elements[i].Evaluate(frame);
            if (value.IsError)
            {
                frame.Charge(BaseCost);
                return value;
            }

            if (!optional.Contains(i))
            {
                values.Add(value);
            }
            else if (value is not CelOptional lifted)
            {
                frame.Charge(BaseCost);
                return OptionalEntries.Invalid(value);
            }
            else if (lifted.Value is { } present)
            {
                values.Add(present);
            }
        }

        frame.Charge(BaseCost);
        return CelList.Of(values);
    }
}
