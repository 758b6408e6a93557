using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Cache;

/// <summary>Amounts of resources as the scheduler compares them: thousandths of a CPU, bytes, and whole units of all others.</summary>
internal sealed class ResourceVector
{
    public long MilliCpu { get; set; }

    public long Memory { get; set; }

    public long EphemeralStorage { get; set; }

    public long Pods { get; set; }

    /// <summary>Extended resources, huge pages and attachable volumes by name; null while there are none.</summary>
    public Dictionary<string, long>? Scalars { get; private set; }

    public bool IsZero => MilliCpu == 0 && Memory == 0 && EphemeralStorage == 0 && Scalars is not { Count: > 0 };

    public static ResourceVector From(IReadOnlyDictionary<string, Quantity> amounts)
    {
        var vector = new ResourceVector();
        foreach (var (name, amount) in amounts)
        {
            switch (name)
            {
                case ResourceName.Cpu:
                    vector.MilliCpu = amount.MilliValue;
                    break;
                case ResourceName.Memory:
                    vector.Memory = amount.Value;
                    break;
                case ResourceName.EphemeralStorage:
                    vector.EphemeralStorage = amount.Value;
                    break;
                case ResourceName.Pods:
                    vector.Pods = amount.Value;
                    break;
                default:
                    (vector.Scalars ??= new(StringComparer.Ordinal))[name] = amount.Value;
                    break;
            }
        }

        return vector;
    }

    /// <summary>Whether it has more than another of anything that is wanted.</summary>
    public bool HasMore(ResourceVector wanted, ResourceVector other) =>
        (wanted.MilliCpu > 0 && MilliCpu > other.MilliCpu)
        || (wanted.Memory > 0 && Memory > other.Memory)
        || (wanted.EphemeralStorage > 0 && EphemeralStorage > other.EphemeralStorage)
        || wanted.Scalars?.Any(pair => pair.Value > 0 && Scalar(pair.Key) > other.Scalar(pair.Key)) == true;

    public long Scalar(string name) => Scalars?.GetValueOrDefault(name) ?? 0;

    public void Add(ResourceVector other, int sign)
    {
        MilliCpu += sign * other.MilliCpu;
        Memory += sign * other.Memory;
        EphemeralStorage += sign * other.EphemeralStorage;
        if (other.Scalars is null)
        {
            return;
        }

        Scalars ??= new(StringComparer.Ordinal);
        foreach (var (name, amount) in other.Scalars)
        {
            Scalars[name] = Scalars.GetValueOrDefault(name) + (sign * amount);
        }
    }

    public ResourceVector Clone()
    {
        var clone = (ResourceVector)MemberwiseClone();
        clone.Scalars = Scalars is null ? null : new(Scalars, StringComparer.Ordinal);
        return clone;
    }
}
