using Kobune.Api;

namespace Kobune.Client;

/// <summary>Namespace and name; the namespace is empty for cluster-scoped kinds.</summary>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    public static ObjectKey Of(IKubernetesObject obj) => new(obj.Metadata.Namespace, obj.Metadata.Name);

    /// <summary>"namespace/name", or "name" alone.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : Namespace + "/" + Name;
}
