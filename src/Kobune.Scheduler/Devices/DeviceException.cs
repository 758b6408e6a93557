namespace Kobune.Scheduler.Devices;

/// <summary>Something is wrong with a claim, a class or a pool, so that nothing can be said of any node.</summary>
internal sealed class DeviceException(string message) : Exception(message);
