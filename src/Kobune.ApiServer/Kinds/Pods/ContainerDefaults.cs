using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Defaults of one container.</summary>
internal static class ContainerDefaults
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

    /// <summary>Always for the tag latest and for no tag, else IfNotPresent. An image with a digest has no tag that moves.</summary>
    public static string PullPolicyOf(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return "IfNotPresent";
        }

        var name = image[(image.LastIndexOf('/') + 1)..];
        var colon = name.IndexOf(':');
        return colon < 0 || name[(colon + 1)..] == "latest" ? "Always" : "IfNotPresent";
    }

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
}
