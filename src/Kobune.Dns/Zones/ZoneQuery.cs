namespace Kobune.Dns.Zones;

/// <summary>
/// A name below the cluster domain, taken apart as CoreDNS' kubernetes plugin does:
/// [endpoint | _port._protocol].service.namespace.svc and address.namespace.pod.
/// </summary>
internal readonly record struct ZoneQuery(bool Pod, string Namespace, string Service, string Endpoint, string Port, string Protocol)
{
    /// <summary>Parses what stands before the domain, lower case and never empty. Null when no object can have that name.</summary>
    public static ZoneQuery? Parse(string relative)
    {
        var labels = relative.Split('.');
        var last = labels.Length - 1;
        if (labels[last] is not ("svc" or "pod"))
        {
            return null;
        }

        var query = new ZoneQuery(labels[last] == "pod", last >= 1 ? labels[last - 1] : "", last >= 2 ? labels[last - 2] : "", "", "", "");
        return last switch
        {
            <= 2 => query,
            3 when !query.Pod => query with { Endpoint = labels[0] },
            4 when !query.Pod && Plain(labels[0]) is { Length: > 0 } port && Plain(labels[1]) is { Length: > 0 } protocol => query with { Port = port, Protocol = protocol },
            _ => null,
        };
    }

    private static string Plain(string label) => label is ['_', .. var name] ? name : label;
}
