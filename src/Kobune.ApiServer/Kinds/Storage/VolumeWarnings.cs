using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Storage that is deprecated or gone, and files that hide each other.</summary>
internal static class VolumeWarnings
{
    /// <summary>Of the annotation that came before the field.</summary>
    public const string BetaClass = "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead";

    private static readonly Dictionary<string, string> Gone = new(StringComparer.Ordinal)
    {
        ["photonPersistentDisk"] = "deprecated in v1.11, non-functional in v1.16+",
        ["scaleIO"] = "deprecated in v1.16, non-functional in v1.22+",
        ["flocker"] = "deprecated in v1.22, non-functional in v1.25+",
        ["storageOS"] = "deprecated in v1.22, non-functional in v1.25+",
        ["quobyte"] = "deprecated in v1.22, non-functional in v1.25+",
        ["glusterfs"] = "deprecated in v1.25, non-functional in v1.26+",
        ["cephfs"] = "deprecated in v1.28, non-functional in v1.31+",
        ["rbd"] = "deprecated in v1.28, non-functional in v1.31+",
    };

    public static IEnumerable<string> OfPod(IReadOnlyList<Volume> volumes, string path)
    {
        for (var i = 0; i < volumes.Count; i++)
        {
            var at = $"{path}[{i}]";
            if (volumes[i].GitRepo is not null)
            {
                yield return at + ".gitRepo: deprecated in v1.11";
            }

            foreach (var warning in (IsCommon(volumes[i]) ? [] : OfSource(volumes[i].ToTree(), at)).Concat(OfClaim(volumes[i].Ephemeral?.VolumeClaimTemplate?.Spec, at + ".ephemeral.volumeClaimTemplate.spec")))
            {
                yield return warning;
            }
        }

        foreach (var warning in volumes.SelectMany(OverlapWarnings.Of))
        {
            yield return warning;
        }
    }

    // Nearly all volumes: no other source stands beside these, and a tree is made of each of the others.
    private static bool IsCommon(Volume volume) =>
        volume is not { Projected: null, ConfigMap: null, Secret: null, EmptyDir: null, HostPath: null, PersistentVolumeClaim: null, DownwardAPI: null };

    public static IEnumerable<string> OfPersistent(PersistentVolume volume)
    {
        const string options = "volume.beta.kubernetes.io/mount-options";
        var (spec, annotations) = (volume.Spec, volume.Metadata.Annotations);
        return
        [
            .. annotations.ContainsKey("volume.beta.kubernetes.io/storage-class") ? [BetaClass] : (string[])[],
            .. annotations.ContainsKey(options) ? [$"metadata.annotations[{options}]: deprecated since v1.31; use \"mountOptions\" attribute instead"] : (string[])[],
            .. spec.PersistentVolumeReclaimPolicy == "Recycle" ? ["spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning."] : (string[])[],
            .. (spec.NodeAffinity?.Required?.NodeSelectorTerms ?? []).SelectMany((t, i) => NodeLabelWarnings.OfTerm(t, checksValues: false, $"spec.nodeAffinity.required.nodeSelectorTerms[{i}]")),
            .. OfSource(spec.ToTree(), "spec"),
        ];
    }

    /// <summary>Of a volume's tree: what no kubelet knows any more.</summary>
    public static IEnumerable<string> OfSource(JsonObject volume, string path) =>
        Gone.Where(g => volume.Has(g.Key == "storageOS" ? "storageos" : g.Key)).Select(g => $"{path}.{g.Key}: {g.Value}");

    public static IEnumerable<string> OfClaim(PersistentVolumeClaimSpec? spec, string path) =>
        spec?.Resources.Requests.TryGetValue("storage", out var size) == true && size.MilliValue % 1000 != 0
            ? [$"{path}.resources.requests[storage]: fractional byte value \"{size}\" is invalid, must be an integer"]
            : [];
}
