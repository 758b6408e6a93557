using System.Text.Json;
using Kobune.Cli.Output;

namespace Kobune.Cli.Clusters;

/// <summary>One Service as `service` shows it: a line for each port.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Ports">"http/80", or "8080" without a name; empty when it has no node port.</param>
/// <param name="Urls">One for each port.</param>
/// <param name="Selector">"app=hello", empty without one.</param>
internal sealed record ServiceUrls(string Namespace, string Name, IReadOnlyList<string> Ports, IReadOnlyList<string> Urls, string Selector)
{
    /// <summary>Reads a Service object; the host of its URLs is the node.</summary>
    public static ServiceUrls Of(JsonElement service, string nodeAddress, string format, bool https)
    {
        var metadata = service.GetProperty("metadata");
        var spec = service.GetProperty("spec");
        var name = metadata.GetProperty("name").GetString()!;
        var (ports, urls) = (new List<string>(), new List<string>());
        foreach (var port in spec.TryGetProperty("ports", out var all) ? all.EnumerateArray() : default)
        {
            if (!port.TryGetProperty("nodePort", out var nodePort) || nodePort.GetInt32() == 0)
            {
                continue;
            }

            var number = port.GetProperty("port").GetInt32();
            var portName = port.TryGetProperty("name", out var n) ? n.GetString()! : "";
            ports.Add(portName.Length == 0 ? $"{number}" : $"{portName}/{number}");
            var url = GoTemplate.Render(format, new Dictionary<string, string> { ["IP"] = nodeAddress, ["Port"] = nodePort.GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture), ["Name"] = name });
            urls.Add(https && url.StartsWith("http://", StringComparison.Ordinal) ? "https://" + url["http://".Length..] : url);
        }

        var selector = spec.TryGetProperty("selector", out var labels) ? string.Join(',', labels.EnumerateObject().Select(l => $"{l.Name}={l.Value.GetString()}")) : "";
        return new(metadata.GetProperty("namespace").GetString()!, name, ports, urls, selector);
    }

    /// <summary>The row of the table.</summary>
    /// <param name="noNodePort">What stands there for a Service that cannot be reached from outside.</param>
    public string[] Row(string noNodePort) =>
        Ports.Count == 0 ? [Namespace, Name, noNodePort, ""] : [Namespace, Name, string.Join('\n', Ports), string.Join('\n', Urls)];
}
