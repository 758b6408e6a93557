using System.Net;
using System.Net.Sockets;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine;
using Kobune.Machine.Host;

namespace Kobune.Cli.Clusters;

/// <summary>--static-ip and --subnet: wrong ones are wrong usage.</summary>
internal static class StaticAddress
{
    /// <summary>The subnet that a start asks for: the one named, or the /24 of the static address; null for none.</summary>
    public static string? SubnetOf(StartRequest request)
    {
        if (request.StaticIP is { } text)
        {
            if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetwork || address.GetAddressBytes()[3] is < 2 or > 254)
            {
                throw new CliException(Reason.Usage, Message.BadStaticAddress, text);
            }

            var own = Parse(text + "/24", text, "--static-ip");
            return request.Subnet is { } named && !Parse(named, named, "--subnet").Contains(address)
                ? throw new CliException(Reason.Usage, Message.StaticAddressOutside, text, named)
                : request.Subnet ?? own.ToString();
        }

        return request.Subnet is { } subnet ? Parse(subnet, subnet, "--subnet").ToString() : null;
    }

    private static IPNetwork Parse(string subnet, string said, string option)
    {
        try
        {
            return Subnets.Parse(subnet);
        }
        catch (MachineException e)
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"{said} ({e.Message})", option);
        }
    }
}
