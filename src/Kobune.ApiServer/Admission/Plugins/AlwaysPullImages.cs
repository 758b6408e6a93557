using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Every pod pulls its images, so that a node's store shows nobody an image that its registry would not.</summary>
internal sealed class AlwaysPullImages : IMutatingAdmission
{
    private static readonly string[] Lists = ["initContainers", "containers", "ephemeralContainers"];

    public string Name => "AlwaysPullImages";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if ((request.IsFor("", "pods") || request.IsFor("", "pods", "ephemeralcontainers")) && request.Operation is AdmissionOperation.Create or AdmissionOperation.Update
            && request.Object?.Child("spec") is { } spec && IsNew(request))
        {
            foreach (var container in Lists.SelectMany(l => spec.Items(l)))
            {
                container["imagePullPolicy"] = "Always";
            }
        }

        return default;
    }

    // A change that brings no new image is let alone: kubelets and controllers update pods that were made before the plugin was on.
    private static bool IsNew(AdmissionRequest request)
    {
        if (request.OldObject is not { } old)
        {
            return true;
        }

        var known = Images(old.ToTree());
        return Images(request.Object!).Any(i => !known.Contains(i));
    }

    private static HashSet<string> Images(System.Text.Json.Nodes.JsonObject pod) =>
        pod.Child("spec") is { } spec ? [.. Lists.SelectMany(l => spec.Items(l)).Select(c => c.Text("image"))] : [];
}
