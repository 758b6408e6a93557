using Kobune.Api;

namespace Kobune.Scheduler.Devices;

/// <summary>A device on its way to a claim.</summary>
/// <param name="Claim">Which of the pod's claims.</param>
/// <param name="Wish">What it is for.</param>
/// <param name="Device">The device.</param>
/// <param name="Part">What of it is taken; null for all of it.</param>
internal sealed record ChosenDevice(int Claim, DeviceWish Wish, PooledDevice Device, IReadOnlyDictionary<string, Quantity>? Part);
