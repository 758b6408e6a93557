using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Api.Metrics;
using Kobune.Api.Volumes;
using Kobune.ControllerManager.AttachDetach;
using Kobune.ControllerManager.PersistentVolumes;
using Kobune.ControllerManager.SELinuxWarnings;

namespace Kobune.ControllerManager.Metrics;

/// <summary>Metrics of the volume binder and the attach-detach controller. Source: the metrics folders of pkg/controller/volume/persistentvolume and attachdetach.</summary>
internal sealed class VolumeMetrics
{
    private const string Binder = "pv_collector_";
    private static readonly double[] OperationBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600];
    private static readonly string[] ClaimLabels = ["namespace", "storage_class", "volume_attributes_class"];

    private readonly HistogramFamily _operations = new("volume_operation_total_seconds", "[ALPHA] Total volume operation time", OperationBounds, "operation_name", "plugin_name");
    private readonly NumberFamily _failures = new("volume_operation_total_errors", "counter", "[ALPHA] (Deprecated since 1.36.0) Total volume operation errors", "operation_name", "plugin_name");
    private readonly NumberFamily _errors = new("volume_operation_errors_total", "counter", "[ALPHA] Total volume operation errors", "operation_name", "plugin_name");
    private readonly NumberFamily _defaulted = new("retroactive_storageclass_total", "counter", "[ALPHA] Total number of retroactive StorageClass assignments to persistent volume claim");
    private readonly NumberFamily _undefaulted = new("retroactive_storageclass_errors_total", "counter", "[ALPHA] Total number of failed retroactive StorageClass assignments to persistent volume claim");
    private readonly NumberFamily _forced = new("attach_detach_controller_attachdetach_controller_forced_detaches", "counter", "[ALPHA] Number of times the A/D Controller performed a forced detach", "reason");
    private readonly ConcurrentDictionary<string, (string Plugin, DateTimeOffset Since)> _provisioning = new(); // by the claim's UID
    private VolumeCaches? _caches;
    private AttachmentView? _attachments;
    private LabelledVolumes? _labelled;

    public VolumeMetrics()
    {
        // What has no labels is there from the first moment, with 0.
        _defaulted.Cell(default);
        _undefaulted.Cell(default);
    }

    public IEnumerable<MetricFamily> Families =>
    [
        _operations,
        _failures,
        _errors,
        _defaulted,
        _undefaulted,
        _forced,
        new ReadFamily(Binder + "bound_pv_count", "gauge", "[ALPHA] Gauge measuring number of persistent volume currently bound", () => Volumes(v => v.Status.Phase == PersistentVolumePhase.Bound), "storage_class"),
        new ReadFamily(Binder + "unbound_pv_count", "gauge", "[ALPHA] Gauge measuring number of persistent volume currently unbound", () => Volumes(v => v.Status.Phase != PersistentVolumePhase.Bound), "storage_class"),
        new ReadFamily(Binder + "total_pv_count", "gauge", "[ALPHA] Gauge measuring total number of persistent volumes", ByPlugin, "plugin_name", "volume_mode"),
        new ReadFamily(Binder + "bound_pvc_count", "gauge", "[ALPHA] Gauge measuring number of persistent volume claim currently bound", () => Claims(c => c.Status.Phase == PersistentVolumeClaimPhase.Bound), ClaimLabels),
        new ReadFamily(Binder + "unbound_pvc_count", "gauge", "[ALPHA] Gauge measuring number of persistent volume claim currently unbound", () => Claims(c => c.Status.Phase != PersistentVolumeClaimPhase.Bound), ClaimLabels),
        new ReadFamily("storage_count_attachable_volumes_in_use", "gauge", "[ALPHA] Measure number of volumes in use", () => Count(Volatile.Read(ref _attachments)?.InUse().Select(u => new LabelValues(u.Node, VolumePlugins.Csi(u.Driver)))), "node", "volume_plugin"),
        new ReadFamily("attachdetach_controller_total_volumes", "gauge", "[ALPHA] Number of volumes in A/D Controller", States, "plugin_name", "state"),
        new ReadFamily("selinux_warning_controller_selinux_volume_conflict", "gauge", "[ALPHA] Conflict between two Pods using the same volume", Conflicts, "pod1_name", "pod1_namespace", "pod1_value", "pod2_name", "pod2_namespace", "pod2_value", "property"),
    ];

    public void Follow(VolumeCaches caches) => Volatile.Write(ref _caches, caches);

    public void Follow(AttachmentView attachments) => Volatile.Write(ref _attachments, attachments);

    public void Follow(LabelledVolumes labelled) => Volatile.Write(ref _labelled, labelled);

    /// <summary>A claim that was made before there was a default class got it, or could not be given it.</summary>
    public void Defaulted(bool failed) => (failed ? _undefaulted : _defaulted).Add(default);

    /// <summary>A volume is asked for; from the first time on it is waited for.</summary>
    public void Provisioning(PersistentVolumeClaim claim, string provisioner, DateTimeOffset now) => _provisioning.TryAdd(claim.Metadata.Uid, (provisioner, now));

    /// <summary>A volume cannot be made.</summary>
    public void NotProvisioned(string plugin) => Failed("provision", plugin.Length > 0 ? plugin : "N/A");

    /// <summary>Under the old name too, while it is told.</summary>
    private void Failed(string operation, string plugin)
    {
        _failures.Add(new(operation, plugin));
        _errors.Add(new(operation, plugin));
    }

    /// <summary>A claim has its volume.</summary>
    public void Bound(PersistentVolumeClaim claim, DateTimeOffset now)
    {
        if (_provisioning.TryRemove(claim.Metadata.Uid, out var asked))
        {
            _operations.Observe(new("provision", asked.Plugin), (now - asked.Since).TotalSeconds);
        }
    }

    /// <summary>A claim is gone, whatever was asked for it.</summary>
    public void Forget(PersistentVolumeClaim claim) => _provisioning.TryRemove(claim.Metadata.Uid, out _);

    /// <summary>A volume cannot be deleted here.</summary>
    public void NotDeleted(PersistentVolume volume) => Failed("delete", VolumePlugins.Of(volume));

    /// <summary>A volume that may still be mounted is taken away: after a time-out, or from a node that is out of service.</summary>
    public void Forced(bool isOutOfService) => _forced.Add(new(isOutOfService ? "out-of-service" : "timeout"));

    private IEnumerable<(LabelValues Labels, double Value)> Volumes(Func<PersistentVolume, bool> which) =>
        Count(Volatile.Read(ref _caches)?.Volumes.List().Where(which).Select(v => new LabelValues(v.Spec.StorageClassName ?? "")));

    private IEnumerable<(LabelValues Labels, double Value)> ByPlugin() =>
        Count(Volatile.Read(ref _caches)?.Volumes.List().Select(v => new LabelValues(VolumePlugins.Of(v), v.Spec.VolumeMode ?? "Filesystem")));

    private IEnumerable<(LabelValues Labels, double Value)> Claims(Func<PersistentVolumeClaim, bool> which) =>
        Count(Volatile.Read(ref _caches)?.Claims.List().Where(which).Select(c => new LabelValues(c.Metadata.Namespace, VolumeMatch.ClassOf(c), c.Spec.VolumeAttributesClassName ?? "")));

    private IEnumerable<(LabelValues Labels, double Value)> States()
    {
        var view = Volatile.Read(ref _attachments);
        return Count(view?.Wanted().Select(v => new LabelValues(VolumePlugins.Csi(v.Driver), "desired_state_of_world"))
            .Concat(view.Attached().Select(driver => new LabelValues(VolumePlugins.Csi(driver), "actual_state_of_world"))));
    }

    private IEnumerable<(LabelValues Labels, double Value)> Conflicts() =>
        (Volatile.Read(ref _labelled)?.Conflicts ?? []).Select(c => (new LabelValues(c.Pod.Name, c.Pod.Namespace, c.Value, c.Other.Name, c.Other.Namespace, c.OtherValue, c.Property), 1.0)).Distinct();

    private static IEnumerable<(LabelValues Labels, double Value)> Count(IEnumerable<LabelValues>? items) =>
        (items ?? []).CountBy(l => l).Select(c => (c.Key, (double)c.Value));
}
