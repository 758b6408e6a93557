using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.Client;

namespace Kobune.Scheduler.Volumes;

/// <summary>Whether the volumes of a pod can be had on a node, and what must be done for it. Pure but for the view. Source: pkg/scheduler/framework/plugins/volumebinding, binder.go.</summary>
internal static class VolumeFit
{
    internal const string NodeConflict = "node(s) didn't match PersistentVolume's node affinity";
    internal const string BindConflict = "node(s) didn't find available persistent volumes to bind";
    internal const string VolumeMissing = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
    internal const string NoRoom = "node(s) did not have enough free storage";
    private const string NoProvisioner = "kubernetes.io/no-provisioner";

    /// <summary>The plan, or the reasons why there is none: one of the bound claims, one of those to bind.</summary>
    public static (VolumePlan? Plan, string[] Reasons) Compute(PodClaims claims, Node node, VolumeView view)
    {
        var bound = claims.Bound.Select(claim => BoundComplaint(claim, node, view)).FirstOrDefault(complaint => complaint is not null);
        var (plan, delayed) = Bindings(claims.Delayed, node, view);
        return bound is null && delayed is null ? (plan, []) : (null, [.. new[] { bound, delayed }.OfType<string>()]);
    }

    private static string? BoundComplaint(PersistentVolumeClaim claim, Node node, VolumeView view) =>
        view.FindVolume(claim.Spec.VolumeName) is not { } volume ? VolumeMissing : Reaches(volume, node) ? null : NodeConflict;

    /// <summary>Volumes for claims that wait for the pod: those that fit, the smallest claims first, and new ones for the rest.</summary>
    private static (VolumePlan Plan, string? Complaint) Bindings(IReadOnlyList<PersistentVolumeClaim> claims, Node node, VolumeView view)
    {
        var (match, provision) = (new List<PersistentVolumeClaim>(), new List<PersistentVolumeClaim>());
        foreach (var claim in claims)
        {
            var chosen = view.SelectedNode(ObjectKey.Of(claim)) ?? claim.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.SelectedNode);
            if (chosen is not null && chosen != node.Metadata.Name)
            {
                return (VolumePlan.Nothing, BindConflict); // its volume is being made on that node
            }

            (chosen is null ? match : provision).Add(claim);
        }

        var bind = new List<(PersistentVolumeClaim, PersistentVolume)>();
        foreach (var claim in match.OrderBy(VolumeMatch.Size))
        {
            if (VolumeMatch.Find(claim, view.Volumes, isReservedOnly: false, v => Reaches(v, node), v => view.IsPromised(v, claim) || bind.Exists(b => b.Item2.Metadata.Name == v.Metadata.Name)) is { } volume)
            {
                bind.Add((claim, volume));
            }
            else
            {
                provision.Add(claim);
            }
        }

        var complaint = provision.Select(claim => ProvisionComplaint(claim, node, view)).FirstOrDefault(c => c is not null);
        return (bind.Count + provision.Count == 0 ? VolumePlan.Nothing : new(bind, provision), complaint);
    }

    /// <summary>Whether a volume can be reached from a node.</summary>
    public static bool Reaches(PersistentVolume volume, Node node) => volume.Spec.NodeAffinity?.Required is not { } required || NodeSelectors.Matches(required, node);

    /// <summary>Why the class makes no volume for this node; null when it does.</summary>
    private static string? ProvisionComplaint(PersistentVolumeClaim claim, Node node, VolumeView view) =>
        view.FindClass(VolumeMatch.ClassOf(claim)) is not { } storage || !Provisions(storage, node) ? BindConflict
        : !view.Capacities.HasRoom(claim, storage, node) ? NoRoom
        : null;

    /// <summary>Whether the class makes volumes, and may make them for this node: an empty term of its topologies names none.</summary>
    private static bool Provisions(StorageClass storage, Node node) =>
        storage.Provisioner is { Length: > 0 } and not NoProvisioner
        && (storage.AllowedTopologies.Count == 0 || storage.AllowedTopologies.Any(t => t.MatchLabelExpressions.Count > 0 && t.MatchLabelExpressions.All(e => node.Metadata.Labels.TryGetValue(e.Key, out var value) && e.Values.Contains(value))));
}
