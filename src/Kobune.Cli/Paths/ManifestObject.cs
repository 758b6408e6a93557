namespace Kobune.Cli.Paths;

/// <summary>One object of a manifest whose way can be walked.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Body">Its YAML or JSON, as it was written.</param>
internal sealed record ManifestObject(TargetKind Kind, string Namespace, string Name, string Body)
{
    /// <summary>The collection that it belongs to.</summary>
    public string Collection => Kind switch
    {
        TargetKind.Pod => $"/api/v1/namespaces/{Namespace}/pods",
        TargetKind.Ingress => $"/apis/networking.k8s.io/v1/namespaces/{Namespace}/ingresses",
        _ => $"/api/v1/namespaces/{Namespace}/services",
    };

    /// <summary>The object as a target.</summary>
    public PathTarget Target => new(Kind, $"{Kind.ToString().ToLowerInvariant()}/{Name}", Namespace, Name);
}
