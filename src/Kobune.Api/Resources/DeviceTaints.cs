using Kobune.Api.Resource.V1;

namespace Kobune.Api.Resources;

/// <summary>Which taints of devices matter to whom. Source: k8s.io/dynamic-resource-allocation/resourceclaim, ToleratesTaint.</summary>
public static class DeviceTaints
{
    /// <summary>Whether one of the tolerations is for the taint.</summary>
    public static bool IsTolerated(DeviceTaint taint, IReadOnlyList<DeviceToleration> tolerations) => tolerations.Any(t => Tolerates(t, taint));

    /// <summary>Whether a toleration is for a taint.</summary>
    public static bool Tolerates(DeviceToleration toleration, DeviceTaint taint)
    {
        ArgumentNullException.ThrowIfNull(toleration);
        ArgumentNullException.ThrowIfNull(taint);
        return (toleration.Effect.Length == 0 || toleration.Effect == taint.Effect)
            && (toleration.Key.Length == 0 ? toleration.Operator == "Exists" : toleration.Key == taint.Key)
            && (toleration.Operator == "Exists" || toleration.Value == taint.Value);
    }

    /// <summary>
    /// When pods have to leave a device with these taints: null for never. A toleration has to name the effect for this; one that is for all effects lets pods be
    /// placed, but not stay. Source: pkg/controller/devicetainteviction.
    /// </summary>
    /// <param name="taints">The device's.</param>
    /// <param name="tolerations">Those of what was allocated.</param>
    public static DateTimeOffset? LeaveAt(IReadOnlyList<DeviceTaint> taints, IReadOnlyList<DeviceToleration> tolerations)
    {
        ArgumentNullException.ThrowIfNull(taints);
        DateTimeOffset? first = null;
        foreach (var taint in taints.Where(t => t.Effect == "NoExecute"))
        {
            var matching = tolerations.Where(t => t.Effect == taint.Effect && Tolerates(t, taint)).ToList();
            if (matching.Any(t => t.TolerationSeconds is null))
            {
                continue; // for ever
            }

            var seconds = matching.Min(t => t.TolerationSeconds) ?? 0;
            var at = (taint.TimeAdded ?? DateTimeOffset.MinValue) + TimeSpan.FromSeconds(Math.Max(0, seconds));
            first = first is { } known && known < at ? known : at;
        }

        return first;
    }
}
