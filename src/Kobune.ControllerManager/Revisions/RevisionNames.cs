using System.Globalization;
using System.Text;
using System.Text.Json;
using Kobune.ControllerManager.Deployments;

namespace Kobune.ControllerManager.Revisions;

/// <summary>Names of revisions. Source: pkg/controller/history/controller_history.go.</summary>
internal static class RevisionNames
{
    private const int MaxOwnerLength = 223;

    /// <summary>"OWNER-HASH", an owner's long name cut.</summary>
    public static string Of(string owner, string hash) => (owner.Length > MaxOwnerLength ? owner[..MaxOwnerLength] : owner) + "-" + hash;

    /// <summary>The hash of a revision's data: that of upstream, since the bytes are.</summary>
    public static string Hash(JsonElement data, int collisions)
    {
        var hash = Fnv1(2166136261, Encoding.UTF8.GetBytes(data.GetRawText()));
        hash = Fnv1(hash, Encoding.UTF8.GetBytes(collisions.ToString(CultureInfo.InvariantCulture)));
        return PodTemplateHash.SafeEncode(hash.ToString(CultureInfo.InvariantCulture));
    }

    private static uint Fnv1(uint hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            hash = (hash * 16777619) ^ b;
        }

        return hash;
    }
}
