using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>A macro over a list or map.</summary>
internal sealed class FoldNode(CelNode range, CelNode initial, CelNode condition, CelNode step, CelNode result, int state, int first, int? second) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var values = range.Evaluate(frame);
        frame.Slot(state) = initial.Evaluate(frame);
        switch (values)
        {
            case CelList list:
                List(frame, list);
                break;
            case CelMap map:
                Map(frame, map);
                break;
            default:
                return values.IsError ? values : new CelError($"got '{values.TypeName}', expected iterable type");
        }

        return result.Evaluate(frame);
    }

    private void List(CelFrame frame, CelList list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (!Next(frame, second is null ? list[i] : CelInt.Of(i), second is null ? null : list[i]))
            {
                return;
            }
        }
    }

    private void Map(CelFrame frame, CelMap map)
    {
        foreach (var key in map.Keys)
        {
            if (!Next(frame, key, second is null ? null : map.Find(key)))
            {
                return;
            }
        }
    }

    private bool Next(CelFrame frame, CelValue key, CelValue? value)
    {
        frame.CheckCancellation();
        frame.Slot(first) = key;
        if (second is { } slot)
        {
            frame.Slot(slot) = value;
        }

        if (condition.Evaluate(frame) is CelBool { Value: false })
        {
            return false;
        }

        frame.Slot(state) = step.Evaluate(frame);
        return true;
    }
}
