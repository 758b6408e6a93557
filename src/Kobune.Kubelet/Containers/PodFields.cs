using System.Text;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;

namespace Kobune.Kubelet.Containers;

/// <summary>fieldRef and resourceFieldRef, of environment variables and of downward API files (pkg/fieldpath, api/v1/resource).</summary>
internal static class PodFields
{
    /// <summary>The text of a field, or null when the path is not supported.</summary>
    internal static string? Field(Pod pod, string path, IReadOnlyList<string> podIPs, IReadOnlyList<string> hostIPs)
    {
        if (Subscript(path) is { } part)
        {
            return part.Map switch
            {
                "metadata.labels" => pod.Metadata.Labels.GetValueOrDefault(part.Key, ""),
                "metadata.annotations" => pod.Metadata.Annotations.GetValueOrDefault(part.Key, ""),
                _ => null,
            };
        }

        return path switch
        {
            "metadata.name" => pod.Metadata.Name,
            "metadata.namespace" => pod.Metadata.Namespace,
            "metadata.uid" => pod.Metadata.Uid,
            "metadata.labels" => Map(pod.Metadata.Labels),
            "metadata.annotations" => Map(pod.Metadata.Annotations),
            "spec.nodeName" or "spec.host" => pod.Spec.NodeName, // the latter is its name of old
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName,
            "status.hostIP" => hostIPs.Count > 0 ? hostIPs[0] : "",
            "status.hostIPs" => string.Join(',', hostIPs),
            "status.podIP" => podIPs.Count > 0 ? podIPs[0] : "",
            "status.podIPs" => string.Join(',', podIPs),
            _ => null,
        };
    }

    /// <summary>The text of a resource of a container, rounded up to whole divisors; a missing limit is the node's allocatable.</summary>
    internal static string? Resource(Container container, string resource, Quantity divisor, IReadOnlyDictionary<string, Quantity> allocatable)
    {
        var dot = resource.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            return null;
        }

        var name = resource[(dot + 1)..];
        Quantity? amount = resource[..dot] switch
        {
            "limits" => Limit(container, name, allocatable),
            "requests" => Find(container.Resources.Requests, name) ?? Find(container.Resources.Limits, name) ?? default,
            _ => null,
        };
        if (amount is not { } value)
        {
            return null;
        }

        if (name == "cpu")
        {
            var unit = divisor.MilliValue == 0 ? 1000 : divisor.MilliValue;
            return Ceiling(value.MilliValue, unit).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return Ceiling(value.Value, divisor.Value == 0 ? 1 : divisor.Value).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Quantity Limit(Container container, string name, IReadOnlyDictionary<string, Quantity> allocatable) =>
        Find(container.Resources.Limits, name) is { MilliValue: > 0 } limit ? limit : Find(allocatable, name) ?? default;

    private static Quantity? Find(IReadOnlyDictionary<string, Quantity> list, string name) => list.TryGetValue(name, out var value) ? value : null;

    private static long Ceiling(long value, long divisor) => (value + divisor - 1) / divisor;

    /// <summary>key="value" lines, sorted, quoted as Go's %q does for the characters that labels and annotations hold.</summary>
    private static string Map(IReadOnlyDictionary<string, string> map)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in map.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length == 0 ? "" : "\n").Append(key).Append('=').Append(GoQuote.Of(value));
        }

        return text.ToString();
    }

    private static (string Map, string Key)? Subscript(string path)
    {
        var open = path.IndexOf("['", StringComparison.Ordinal);
        return open > 0 && path.EndsWith("']", StringComparison.Ordinal) && path.Length >= open + 4 ? (path[..open], path[(open + 2)..^2]) : null;
    }
}
