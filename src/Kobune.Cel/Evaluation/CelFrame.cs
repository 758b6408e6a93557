using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>The state of one evaluation.</summary>
internal sealed class CelFrame(ICelActivation activation, int slots, ulong limit, CancellationToken ct)
{
    private readonly CelValue?[] _slots = slots == 0 ? [] : new CelValue?[slots];

    public ulong Cost { get; private set; }

    public ICelActivation Activation => activation;

    public ref CelValue? Slot(int index) => ref _slots[index];

    public void Charge(ulong cost)
    {
        Cost = Cost + cost < Cost ? ulong.MaxValue : Cost + cost;
        if (Cost > limit)
        {
            throw new CelStop(CelOutcome.CostLimitExceeded, "operation cancelled: actual cost limit exceeded");
        }
    }

    public void CheckCancellation()
    {
        if (ct.IsCancellationRequested)
        {
            throw new CelStop(CelOutcome.Cancelled, "operation interrupted");
        }
    }
}
