using Kobune.Client;

namespace Kobune.ControllerManager.SELinuxWarnings;

/// <summary>How a pod wants a volume labelled.</summary>
/// <param name="Label">The label that it is mounted with; empty when it is not.</param>
/// <param name="Policy">MountOption, or Recursive: file after file.</param>
internal readonly record struct VolumeUse(string Label, string Policy);

/// <summary>All volumes of all pods that have not ended, with how each pod wants them. Safe for several threads. Source: pkg/controller/volume/selinuxwarning/cache.</summary>
internal sealed class LabelledVolumes
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Driver, Dictionary<ObjectKey, VolumeUse> Pods)> _volumes = new(StringComparer.Ordinal);

    /// <summary>All conflicts, each for both pods.</summary>
    public IReadOnlyList<SELinuxConflict> Conflicts
    {
        get
        {
            lock (_lock)
            {
                return [.. _volumes.Values.SelectMany(v => v.Pods.SelectMany(p => Between(p.Key, p.Value, v.Pods)))];
            }
        }
    }

    /// <summary>A pod has a volume; its conflicts with others, for it alone. None when nothing is new.</summary>
    public IReadOnlyList<SELinuxConflict> Add(string volume, string driver, ObjectKey pod, VolumeUse use)
    {
        lock (_lock)
        {
            if (!_volumes.TryGetValue(volume, out var users))
            {
                _volumes[volume] = users = (driver, []);
            }

            if (users.Pods.TryGetValue(pod, out var before) && before == use)
            {
                return [];
            }

            users.Pods[pod] = use;
            return [.. Between(pod, use, users.Pods)];
        }
    }

    /// <summary>A pod has ended or is gone.</summary>
    public void Remove(ObjectKey pod)
    {
        lock (_lock)
        {
            foreach (var (volume, users) in _volumes.Where(v => v.Value.Pods.ContainsKey(pod)).ToList())
            {
                users.Pods.Remove(pod);
                if (users.Pods.Count == 0)
                {
                    _volumes.Remove(volume);
                }
            }
        }
    }

    /// <summary>The pods that have volumes of a driver.</summary>
    public IReadOnlyList<ObjectKey> PodsOf(string driver)
    {
        lock (_lock)
        {
            return [.. _volumes.Values.Where(v => v.Driver == driver).SelectMany(v => v.Pods.Keys).Distinct()];
        }
    }

    private static IEnumerable<SELinuxConflict> Between(ObjectKey pod, VolumeUse use, Dictionary<ObjectKey, VolumeUse> all)
    {
        foreach (var (other, theirs) in all.Where(o => o.Key != pod))
        {
            if (theirs.Policy != use.Policy)
            {
                yield return new("SELinuxChangePolicy", pod, use.Policy, other, theirs.Policy);
            }

            if (SELinuxLabels.Conflict(theirs.Label, use.Label))
            {
                yield return new("SELinuxLabel", pod, use.Label, other, theirs.Label);
            }
        }
    }
}
