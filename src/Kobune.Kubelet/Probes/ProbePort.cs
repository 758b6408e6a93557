using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Probes;

/// <summary>A port by number, or by its name in the container.</summary>
internal static class ProbePort
{
    internal static int? Resolve(IntOrString port, Container container)
    {
        if (!port.IsString)
        {
            return port.IntValue is > 0 and < 65536 ? port.IntValue : null;
        }

        if (container.Ports.FirstOrDefault(p => p.Name == port.StringValue) is { } named)
        {
            return named.ContainerPortValue;
        }

        return int.TryParse(port.StringValue, System.Globalization.CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536 ? number : null;
    }
}
