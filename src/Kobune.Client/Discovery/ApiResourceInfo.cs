using Kobune.Api;

namespace Kobune.Client.Discovery;

/// <summary>A resource that a server serves.</summary>
/// <param name="Resource">Where it lives.</param>
/// <param name="Verbs">What it can do: "list", "watch", "delete", "deletecollection", ...</param>
public sealed record ApiResourceInfo(ResourceDescriptor Resource, IReadOnlyList<string> Verbs)
{
    /// <summary>Whether it has all of these verbs.</summary>
    public bool Can(params ReadOnlySpan<string> verbs)
    {
        foreach (var verb in verbs)
        {
            if (!Verbs.Contains(verb))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>What a server serves, and which group versions did not answer ("metrics.k8s.io/v1beta1" with why).</summary>
public sealed record ApiResources(IReadOnlyList<ApiResourceInfo> Items, IReadOnlyDictionary<string, string> Failures);
