using System.Buffers.Binary;
using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;

namespace Kobune.ControllerManager.Deployments;

/// <summary>
/// The pod-template-hash label: FNV-1a over the template, written as upstream writes it (decimal digits mapped to letters that spell nothing).
/// The input is the canonical JSON instead of Go's dump of the struct, so the value differs from upstream's for the same template; sets are found
/// by their template, never by the hash.
/// </summary>
internal static class PodTemplateHash
{
    public const string Label = "pod-template-hash";
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(PodTemplateSpec template, int? collisionCount)
    {
        var hash = Fnv1a(2166136261, JsonText.Bytes(template));
        if (collisionCount is { } count)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)count);
            hash = Fnv1a(hash, bytes);
        }

        return SafeEncode(hash.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Source: k8s.io/apimachinery, util/rand, SafeEncodeString.</summary>
    public static string SafeEncode(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = Alphabet[from[i] % Alphabet.Length];
        }
    });

    /// <summary>Whether two templates are the same but for the hash label.</summary>
    public static bool EqualIgnoringHash(PodTemplateSpec a, PodTemplateSpec b) => Without(a).Equals(Without(b));

    private static PodTemplateSpec Without(PodTemplateSpec template) => template.Metadata.Labels.ContainsKey(Label)
        ? template with { Metadata = template.Metadata with { Labels = template.Metadata.Labels.Where(l => l.Key != Label).ToDictionary() } }
        : template;

    private static uint Fnv1a(uint hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 16777619;
        }

        return hash;
    }
}
