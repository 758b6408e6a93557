using System.Text.Json.Nodes;

namespace Kobune.Addons.Metrics;

/// <summary>What the metrics server tells about itself: discovery and OpenAPI.</summary>
internal static class MetricsDiscovery
{
    private const string Definitions = "io.k8s.metrics.pkg.apis.metrics.v1beta1.";

    public static JsonObject Groups() => new() { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray(Bare(Group())) };

    public static JsonObject Group() => new()
    {
        ["kind"] = "APIGroup",
        ["apiVersion"] = "v1",
        ["name"] = MetricsDocuments.Group,
        ["versions"] = new JsonArray(GroupVersion()),
        ["preferredVersion"] = GroupVersion(),
    };

    public static JsonObject Resources() => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = MetricsDocuments.ApiVersion,
        ["resources"] = new JsonArray(Resource("nodes", "NodeMetrics", namespaced: false), Resource("pods", "PodMetrics", namespaced: true)),
    };

    public static JsonObject OpenApiIndex() => new()
    {
        ["paths"] = new JsonObject { ["apis/" + MetricsDocuments.ApiVersion] = new JsonObject { ["serverRelativeURL"] = "/openapi/v3/apis/" + MetricsDocuments.ApiVersion } },
    };

    /// <summary>Version 3: the kinds with their fields, and the paths that read them.</summary>
    public static JsonObject OpenApi()
    {
        var root = "/apis/" + MetricsDocuments.ApiVersion;
        return new()
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes metrics-server", ["version"] = "v0.7.2" },
            ["paths"] = new JsonObject
            {
                [root + "/nodes"] = Path("list", "NodeMetrics", "NodeMetricsList"),
                [root + "/nodes/{name}"] = Path("get", "NodeMetrics", "NodeMetrics"),
                [root + "/pods"] = Path("list", "PodMetrics", "PodMetricsList"),
                [root + "/namespaces/{namespace}/pods"] = Path("list", "PodMetrics", "PodMetricsList"),
                [root + "/namespaces/{namespace}/pods/{name}"] = Path("get", "PodMetrics", "PodMetrics"),
            },
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject
                {
                    [Definitions + "NodeMetrics"] = Kind("NodeMetrics", "NodeMetrics sets resource usage metrics of a node.", ("usage", UsageOf("The resource usage of the node over the window."))),
                    [Definitions + "PodMetrics"] = Kind("PodMetrics", "PodMetrics sets resource usage metrics of a pod.", ("containers", ArrayOf("ContainerMetrics", "Metrics of all containers of the pod, taken over the same window."))),
                    [Definitions + "NodeMetricsList"] = List("NodeMetrics"),
                    [Definitions + "PodMetricsList"] = List("PodMetrics"),
                    [Definitions + "ContainerMetrics"] = new JsonObject
                    {
                        ["type"] = "object",
                        ["description"] = "ContainerMetrics sets resource usage metrics of a container.",
                        ["required"] = new JsonArray("name", "usage"),
                        ["properties"] = new JsonObject { ["name"] = Text("Name of the container, as in the pod's spec."), ["usage"] = UsageOf("The resource usage of the container over the window.") },
                    },
                },
            },
        };
    }

    private static JsonObject GroupVersion() => new() { ["groupVersion"] = MetricsDocuments.ApiVersion, ["version"] = MetricsDocuments.Version };

    private static JsonObject Bare(JsonObject group)
    {
        group.Remove("kind");
        group.Remove("apiVersion");
        return group;
    }

    private static JsonObject Resource(string name, string kind, bool namespaced) =>
        new() { ["name"] = name, ["singularName"] = "", ["namespaced"] = namespaced, ["kind"] = kind, ["verbs"] = new JsonArray("get", "list") };

    private static JsonObject Path(string action, string kind, string answer) => new()
    {
        ["get"] = new JsonObject
        {
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = KindOf(kind),
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "OK", ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = Reference(answer) } } },
            },
        },
    };

    private static JsonObject Kind(string kind, string description, (string Name, JsonObject Schema) own) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["required"] = new JsonArray("timestamp", "window", own.Name),
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = Text("The version of this form of the object."),
            ["kind"] = Text("What the object is."),
            ["metadata"] = new JsonObject { ["type"] = "object", ["description"] = "Name, namespace and labels of what was measured." },
            ["timestamp"] = new JsonObject { ["type"] = "string", ["format"] = "date-time", ["description"] = "The end of the time over which it was measured." },
            ["window"] = Text("How long that time was."),
            [own.Name] = own.Schema,
        },
        ["x-kubernetes-group-version-kind"] = new JsonArray(KindOf(kind)),
    };

    private static JsonObject List(string kind) => new()
    {
        ["type"] = "object",
        ["description"] = $"{kind}List is a list of {kind}.",
        ["required"] = new JsonArray("items"),
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = Text("The version of this form of the object."),
            ["kind"] = Text("What the object is."),
            ["metadata"] = new JsonObject { ["type"] = "object", ["description"] = "Metadata of the list." },
            ["items"] = ArrayOf(kind, "The measured ones."),
        },
        ["x-kubernetes-group-version-kind"] = new JsonArray(KindOf(kind + "List")),
    };

    private static JsonObject KindOf(string kind) => new() { ["group"] = MetricsDocuments.Group, ["version"] = MetricsDocuments.Version, ["kind"] = kind };

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    private static JsonObject UsageOf(string description) => new() { ["type"] = "object", ["description"] = description, ["additionalProperties"] = new JsonObject { ["type"] = "string" } };

    private static JsonObject ArrayOf(string kind, string description) => new() { ["type"] = "array", ["description"] = description, ["items"] = Reference(kind) };

    private static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + Definitions + name };
}
