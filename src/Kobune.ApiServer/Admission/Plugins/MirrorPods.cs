using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Pods that a kubelet makes to show its static pods.</summary>
internal static class MirrorPods
{
    public const string Annotation = "kubernetes.io/config.mirror";

    public static bool IsMirror(JsonObject pod) => pod.Child("metadata", "annotations").Has(Annotation);
}
