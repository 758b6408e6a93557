namespace Kobune.Proxy.Services;

/// <summary>Where this proxy runs: endpoints of the node are local, those with a hint for its zone or for itself are near.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Zone">Its label topology.kubernetes.io/zone; empty without one.</param>
internal sealed record NodePlace(string Name, string Zone = "");
