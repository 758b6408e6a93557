using Kobune.Api.Resource.V1;
using Kobune.Scheduler.Metrics;

namespace Kobune.Scheduler.Framework;

/// <summary>A note that changes when pods come and go.</summary>
internal interface ICycleNote
{
    ICycleNote Clone();
}

/// <summary>A plugin, and where it is counted how often it was asked.</summary>
internal readonly record struct Counted<T>(T Plugin, long[] Runs);

/// <summary>What plugins note for themselves during one scheduling cycle, by plugin, and which of them skip the rest of it.</summary>
internal sealed class CycleState
{
    private readonly Dictionary<IPlugin, object> _notes = new(ReferenceEqualityComparer.Instance);

    /// <summary>The filters that have business with the pod; null before the pre-filters have run.</summary>
    public Counted<IFilterPlugin>[]? Filters { get; set; }

    /// <summary>
    /// The classes whose devices stand behind extended resources of the pod, by resource, as the cycle found them when it began. Two plugins share a pod's resources by them: were each to
    /// look for itself, a class that comes in between would be nobody's matter.
    /// </summary>
    public IReadOnlyDictionary<string, DeviceClass>? DeviceClasses { get; set; }

    /// <summary>The same, for trying what would be if pods came or went: notes that follow pods are copied, others shared.</summary>
    public CycleState Clone()
    {
        var clone = new CycleState { Filters = Filters, DeviceClasses = DeviceClasses };
        foreach (var (plugin, note) in _notes)
        {
            clone._notes[plugin] = note is ICycleNote following ? following.Clone() : note;
        }

        return clone;
    }

    /// <summary>Measures the cycle; null for one that only tries what would be.</summary>
    public CycleMeter? Meter { get; init; }

    public HashSet<IPlugin> SkipScore { get; } = new(ReferenceEqualityComparer.Instance);

    public void Write(IPlugin plugin, object note) => _notes[plugin] = note;

    /// <summary>The plugin's own note; a plugin reads only after it wrote.</summary>
    public T Read<T>(IPlugin plugin)
        where T : class => (T)_notes[plugin];

    /// <summary>The plugin's own note when it is of this kind, or null.</summary>
    public T? Find<T>(IPlugin plugin)
        where T : class => _notes.GetValueOrDefault(plugin) as T;
}
