namespace Kobune.Scheduler.Devices;

/// <summary>The name of a device in the whole cluster.</summary>
/// <param name="Driver">Its driver.</param>
/// <param name="Pool">The driver's pool.</param>
/// <param name="Device">The pool's device.</param>
internal readonly record struct DeviceKey(string Driver, string Pool, string Device)
{
    public override string ToString() => $"{Driver}/{Pool}/{Device}";
}
