using System.Text.Json.Nodes;
using Kobune.Api.Clocks;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Kinds.Services;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Allocation;

/// <summary>The IPAddress object that stands for an allocated cluster IP; its name is the address in canonical form.</summary>
internal static class IPAddressObject
{
    public static string KeyOf(string ip) => $"/registry/ipaddresses/{(System.Net.IPAddress.TryParse(ip, out var address) ? address : ip)}";

    /// <summary>Its bytes as stored.</summary>
    public static byte[] Bytes(string ip, JsonObject service, TimeProvider time) => JsonText.Bytes(new IPAddress
    {
        Metadata = new ObjectMeta
        {
            Name = ip,
            Uid = Dice.NewUid(time),
            CreationTimestamp = time.GetUtcNow(),
            Labels = new Dictionary<string, string> { ["ipaddress.kubernetes.io/ip-family"] = ServiceAddressing.FamilyOf(ip)!, ["ipaddress.kubernetes.io/managed-by"] = "ipallocator.k8s.io" },
        },
        Spec = new IPAddressSpec
        {
            ParentRef = new ParentReference { Resource = "services", Namespace = service.Meta().TextAt("namespace"), Name = service.Meta().TextAt("name") },
        },
    });
}
