namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What the validation of a container has to know of its pod.</summary>
/// <param name="Volumes">Names of the pod's volumes.</param>
/// <param name="Claims">Those of them that are claims.</param>
/// <param name="HostNetwork">Whether the pod uses the node's network.</param>
/// <param name="RestartPolicy">The pod's restart policy.</param>
internal sealed record ContainerScope(IReadOnlySet<string> Volumes, IReadOnlySet<string> Claims, bool HostNetwork, string RestartPolicy);
