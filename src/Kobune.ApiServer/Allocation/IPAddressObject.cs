using System.Text.Json.Nodes;
using Kobune.Api.Addressing;
using Kobune.Api.Clocks;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Allocation;

/// <summary>The IPAddress object that stands for an allocated cluster IP; its name is the address in canonical form.</summary>
internal static class IPAddressObject
{
    public const string FamilyLabel = "ipaddress.kubernetes.io/ip-family";
    public const string ManagerLabel = "ipaddress.kubernetes.io/managed-by";
    public const string Manager = "ipallocator.k8s.io";

    public static string KeyOf(string ip) => $"/registry/ipaddresses/{(LooseNetwork.Address(ip) is { } address ? address : ip)}";

    /// <summary>The object of a Service's address.</summary>
    public static IPAddress Of(string ip, string ns, string service) => new()
    {
        Metadata = new ObjectMeta { Name = ip, Labels = new Dictionary<string, string> { [FamilyLabel] = ServiceRange.FamilyOf(System.Net.IPAddress.Parse(ip)), [ManagerLabel] = Manager } },
        Spec = new IPAddressSpec { ParentRef = new ParentReference { Resource = "services", Namespace = ns, Name = service } },
    };

    /// <summary>Its bytes as stored.</summary>
    public static byte[] Bytes(string ip, JsonObject service, TimeProvider time)
    {
        var made = Of(ip, service.Meta().TextAt("namespace"), service.Meta().TextAt("name"));
        return JsonText.Bytes(made with { Metadata = made.Metadata with { Uid = Dice.NewUid(time), CreationTimestamp = time.GetUtcNow() } });
    }
}
