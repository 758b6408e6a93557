using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Defaults of one container.</summary>
internal static partial class ContainerDefaults
{
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];

    public static void Apply(JsonObject container)
    {
        container.DefaultEmpty("imagePullPolicy", PullPolicyOf(container.Text("image")));
        container.DefaultEmpty("terminationMessagePath", "/dev/termination-log");
        container.DefaultEmpty("terminationMessagePolicy", "File");
        container.Need("resources");
        foreach (var port in container.Items("ports"))
        {
            port.DefaultEmpty("protocol", "TCP");
        }

        foreach (var variable in container.Items("env"))
        {
            variable.Child("valueFrom", "fieldRef")?.DefaultEmpty("apiVersion", "v1");
        }

        foreach (var name in Probes)
        {
            ApplyToProbe(container.Child(name));
        }

        ApplyToHttp(container.Child("lifecycle", "postStart").Child("httpGet"));
        ApplyToHttp(container.Child("lifecycle", "preStop").Child("httpGet"));
    }

    /// <summary>Always for the tag latest and for neither tag nor digest, else IfNotPresent, also for what is no image reference.</summary>
    public static string PullPolicyOf(string image) =>
        Reference().Match(image) is { Success: true } match && (match.Groups["tag"].Success ? match.Groups["tag"].Value == "latest" : !match.Groups["digest"].Success) ? "Always" : "IfNotPresent";

    private static void ApplyToProbe(JsonObject? probe)
    {
        if (probe is null)
        {
            return;
        }

        DefaultZero(probe, "timeoutSeconds", 1);
        DefaultZero(probe, "periodSeconds", 10);
        DefaultZero(probe, "successThreshold", 1);
        DefaultZero(probe, "failureThreshold", 3);
        ApplyToHttp(probe.Child("httpGet"));
        if (probe.Child("grpc") is { } grpc)
        {
            grpc.Default("service", "");
        }
    }

    private static void ApplyToHttp(JsonObject? http)
    {
        if (http is not null)
        {
            http.DefaultEmpty("path", "/");
            http.DefaultEmpty("scheme", "HTTP");
        }
    }

    private static void DefaultZero(JsonObject node, string key, long value)
    {
        if ((node.Number(key) ?? 0) == 0)
        {
            node[key] = value;
        }
    }

    // A host, the parts of a path in small letters, a tag and a digest, as registries name images.
    [GeneratedRegex(@"^((\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*)(:[0-9]+)?/)?[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*(:(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?<digest>[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
