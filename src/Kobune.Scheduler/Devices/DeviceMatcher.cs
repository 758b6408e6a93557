using System.Collections.Concurrent;
using Kobune.Cel.Devices;

namespace Kobune.Scheduler.Devices;

/// <summary>Whether devices are what requests mean; each pair is looked at once in a cycle. Safe from any thread.</summary>
internal sealed class DeviceMatcher
{
    private readonly ConcurrentDictionary<(DeviceWish Wish, DeviceKey Device), bool> _known = new();

    /// <param name="wish">What a request means.</param>
    /// <param name="device">The device.</param>
    /// <param name="claim">Whose request it is, for the message of an exception.</param>
    /// <exception cref="DeviceException">An expression failed.</exception>
    public bool Matches(DeviceWish wish, PooledDevice device, string claim) => _known.TryGetValue((wish, device.Key), out var known) ? known : _known[(wish, device.Key)] = Evaluate(wish, device, claim);

    private static bool Evaluate(DeviceWish wish, PooledDevice device, string claim)
    {
        var place = $"class {wish.Class.Metadata.Name}";
        foreach (var selectors in new[] { wish.Class.Spec.Selectors, wish.Selectors })
        {
            for (var i = 0; i < selectors.Count; i++)
            {
                if (selectors[i].CEL is not { } cel)
                {
                    throw new DeviceException($"{place}: selector #{i}: CEL expression empty (unsupported selector type?)");
                }

                if (CelDevices.Compile(cel.Expression) is not ({ } program, _))
                {
                    throw new DeviceException($"{place}: selector #{i}: CEL compile error: {CelDevices.Compile(cel.Expression).Problem}");
                }

                var (isMatch, problem) = CelDevices.Matches(program, device.View, CancellationToken.None);
                if (problem is not null)
                {
                    throw new DeviceException($"{place}: selector #{i}: CEL runtime error: {problem}");
                }

                if (!isMatch)
                {
                    return false;
                }
            }

            place = $"claim {claim}";
        }

        return true;
    }
}
