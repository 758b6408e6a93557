using Kobune.Api.Autoscaling.V2;

namespace Kobune.ControllerManager.HorizontalPodAutoscalers;

/// <summary>Conditions of an autoscaler while it is looked at: one of each type, whose time changes with its status.</summary>
internal sealed class AutoscalerConditions(IReadOnlyList<HorizontalPodAutoscalerCondition> before, DateTimeOffset now)
{
    private readonly List<HorizontalPodAutoscalerCondition> _items = [.. before];

    public IReadOnlyList<HorizontalPodAutoscalerCondition> Items => _items;

    public void Set(string type, bool status, string reason, string message)
    {
        var text = status ? "True" : "False";
        var at = _items.FindIndex(c => c.Type == type);
        var known = at < 0 ? null : _items[at];
        var condition = new HorizontalPodAutoscalerCondition { Type = type, Status = text, LastTransitionTime = known?.Status == text ? known.LastTransitionTime : now, Reason = reason, Message = message };
        if (at < 0)
        {
            _items.Add(condition);
        }
        else
        {
            _items[at] = condition;
        }
    }
}
