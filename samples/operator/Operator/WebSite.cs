using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Operator;

/// <summary>A web site: an image that runs in some replicas behind a Service of the same name.</summary>
public sealed class WebSite : IKubernetesObject<V1ObjectMeta>
{
    public const string Group = "samples.kobune.dev";
    public const string Version = "v1";
    public const string Plural = "websites";

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = $"{Group}/{Version}";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "WebSite";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public WebSiteSpec Spec { get; set; } = new();

    [JsonPropertyName("status")]
    public WebSiteStatus? Status { get; set; }
}

/// <summary>What is wanted.</summary>
public sealed class WebSiteSpec
{
    [JsonPropertyName("image")]
    public string Image { get; set; } = "";

    [JsonPropertyName("replicas")]
    public int Replicas { get; set; } = 1;
}

/// <summary>What is there.</summary>
public sealed class WebSiteStatus
{
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    [JsonPropertyName("readyReplicas")]
    public int ReadyReplicas { get; set; }

    [JsonPropertyName("conditions")]
    public IList<V1Condition> Conditions { get; set; } = [];
}

/// <summary>What a list request answers.</summary>
public sealed class WebSiteList
{
    [JsonPropertyName("metadata")]
    public V1ListMeta Metadata { get; set; } = new();

    [JsonPropertyName("items")]
    public IList<WebSite> Items { get; set; } = [];
}
