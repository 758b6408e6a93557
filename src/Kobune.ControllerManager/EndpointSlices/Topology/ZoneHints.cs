using Kobune.Api.Discovery.V1;

namespace Kobune.ControllerManager.EndpointSlices.Topology;

/// <summary>Endpoints with their hints, slice by slice in the order in which they were given.</summary>
/// <param name="Changing">Of the slices that are written anyway.</param>
/// <param name="Unchanged">Of the others; equal to what was given where a slice can stay.</param>
/// <param name="Problem">Why no endpoint has a hint; null when they have.</param>
internal sealed record ZoneHints(IReadOnlyList<IReadOnlyList<Endpoint>> Changing, IReadOnlyList<IReadOnlyList<Endpoint>> Unchanged, string? Problem);
