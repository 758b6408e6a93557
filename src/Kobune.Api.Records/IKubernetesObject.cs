using System.Text.Json;
using Kobune.Api.Meta.V1;

namespace Kobune.Api;

/// <summary>Any API object with identity: a kind that is stored, listed and watched. Shared by all readers and never changed.</summary>
public interface IKubernetesObject
{
    /// <summary>Group and version, "apps/v1"; the core group is written as "v1".</summary>
    string ApiVersion { get; }

    /// <summary>The kind, "Deployment".</summary>
    string Kind { get; }

    /// <summary>Name, namespace, labels, owners and the other metadata of the object.</summary>
    ObjectMeta Metadata { get; }
}

/// <summary>The static side of a generated kind: what generic clients and caches need to know of it.</summary>
public interface IKubernetesObject<TSelf> : IKubernetesObject, IJsonRecord<TSelf>
    where TSelf : IKubernetesObject<TSelf>
{
    /// <summary>Where the kind lives in the API: group, version, plural name, scope.</summary>
    static abstract ResourceDescriptor Resource { get; }

    /// <summary>The same object with other metadata.</summary>
    TSelf WithMetadata(ObjectMeta metadata);
}

/// <summary>A list kind, PodList.</summary>
public interface IKubernetesList<out TItem>
{
    /// <summary>Group and version of the list.</summary>
    string ApiVersion { get; }

    /// <summary>"PodList".</summary>
    string Kind { get; }

    /// <summary>Revision of the list and the continue token.</summary>
    ListMeta Metadata { get; }

    /// <summary>The objects.</summary>
    IReadOnlyList<TItem> Items { get; }
}

/// <summary>A value that can write itself as JSON.</summary>
public interface IJsonWritable
{
    /// <summary>Writes the canonical form: upstream's field order, zero values of omitempty fields left out. Use <see cref="Json.JsonText.WriterOptions"/>.</summary>
    void WriteJson(Utf8JsonWriter writer);
}

/// <summary>A generated record with its own JSON codec: no reflection, unknown fields are skipped, the reader is at the value's first token and ends at its last.</summary>
public interface IJsonRecord<TSelf> : IJsonWritable
    where TSelf : IJsonRecord<TSelf>
{
    /// <summary>Reads one value. Throws <see cref="JsonException"/> when a value has the wrong type.</summary>
    static abstract TSelf ReadJson(ref Utf8JsonReader reader);
}

/// <summary>Group, version, kind and plural name of a kind that is served under its own path. Source: schema/.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Served version, "v1".</param>
/// <param name="Kind">Kind, "Pod".</param>
/// <param name="Plural">Resource name in paths, "pods".</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
public sealed record ResourceDescriptor(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    /// <summary>"v1" or "apps/v1".</summary>
    public string ApiVersion { get; } = Group.Length == 0 ? Version : Group + "/" + Version;
}
