using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>The fields of a Service that tell its cluster IPs and their families: they are settled and checked together.</summary>
internal sealed record ServiceAddressing
{
    public const string IPv4 = "IPv4";
    public const string IPv6 = "IPv6";
    public const string None = "None";
    public const string SingleStack = "SingleStack";
    public const string PreferDualStack = "PreferDualStack";
    public const string RequireDualStack = "RequireDualStack";

    public string Type { get; init; } = "ClusterIP";

    public string ClusterIP { get; init; } = "";

    public IReadOnlyList<string> ClusterIPs { get; init; } = [];

    public IReadOnlyList<string> Families { get; init; } = [];

    /// <summary>Null when nothing was said.</summary>
    public string? Policy { get; init; }

    public bool HasSelector { get; init; }

    public bool IsExternalName => Type == "ExternalName";

    public bool IsHeadless => ClusterIPs is [None];

    public static ServiceAddressing Of(ServiceSpec spec) => new()
    {
        Type = spec.Type,
        ClusterIP = spec.ClusterIP,
        ClusterIPs = spec.ClusterIPs,
        Families = spec.IPFamilies,
        Policy = spec.IPFamilyPolicy,
        HasSelector = spec.Selector.Count > 0,
    };

    public static ServiceAddressing Of(JsonObject spec) => new()
    {
        Type = spec.Text("type"),
        ClusterIP = spec.Text("clusterIP"),
        ClusterIPs = Texts(spec, "clusterIPs"),
        Families = Texts(spec, "ipFamilies"),
        Policy = spec.Has("ipFamilyPolicy") ? spec.Text("ipFamilyPolicy") : null,
        HasSelector = spec["selector"] is JsonObject { Count: > 0 },
    };

    /// <summary>The family of an address by its text; null for what is none.</summary>
    public static string? FamilyOf(string ip) => !IPAddress.TryParse(ip, out var address) ? null : address.AddressFamily == AddressFamily.InterNetworkV6 ? IPv6 : IPv4;

    /// <summary>The other family.</summary>
    public static string OtherThan(string family) => family == IPv4 ? IPv6 : IPv4;

    /// <summary>Writes the fields back; empty ones go.</summary>
    public void WriteTo(JsonObject spec)
    {
        Put("clusterIP", ClusterIP.Length > 0 ? ClusterIP : null);
        Put("clusterIPs", List(ClusterIPs));
        Put("ipFamilies", List(Families));
        Put("ipFamilyPolicy", Policy);

        void Put(string name, JsonNode? value)
        {
            if (value is null)
            {
                spec.Remove(name);
            }
            else
            {
                spec[name] = value;
            }
        }
    }

    private static JsonArray? List(IReadOnlyList<string> texts) => texts.Count == 0 ? null : [.. texts.Select(t => (JsonNode)t)];

    private static string[] Texts(JsonObject spec, string name) => [.. spec.Array(name)?.OfType<JsonValue>().Select(v => v.TryGetValue<string>(out var text) ? text : "") ?? []];
}
