using Kobune.Api.Resource.V1;

namespace Kobune.Scheduler.Devices;

/// <summary>A claim that has no devices yet, with the alternatives of each of its requests.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Requests">For each request what it wants, the best first.</param>
internal sealed record ClaimWish(ResourceClaim Claim, IReadOnlyList<IReadOnlyList<DeviceWish>> Requests);
