using System.Globalization;
using Kobune.Api;

namespace Kobune.Client;

/// <summary>Resource versions as numbers. Upstream made their order part of the API (KEP 5504, comparable resource version).</summary>
public static class Revision
{
    /// <summary>The number; 0 for an empty text or one that is no number.</summary>
    public static ulong Parse(string? resourceVersion) =>
        ulong.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    /// <summary>The revision of an object.</summary>
    public static ulong Of(IKubernetesObject obj) => Parse(obj.Metadata.ResourceVersion);
}
