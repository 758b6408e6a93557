using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.PersistentVolumes;

/// <summary>What upstream calls the plugin of a volume (pkg/volume/util, GetFullQualifiedPluginNameForVolume).</summary>
internal static class VolumePlugins
{
    /// <summary>The plugin of a volume; N/A when there is none for it any more.</summary>
    public static string Of(PersistentVolume volume) => volume.Spec switch
    {
        { CSI: { } csi } => Csi(csi.Driver),
        { HostPath: not null } => "kubernetes.io/host-path",
        { NFS: not null } => "kubernetes.io/nfs",
        { Local: not null } => "kubernetes.io/local-volume",
        { ISCSI: not null } => "kubernetes.io/iscsi",
        { FC: not null } => "kubernetes.io/fc",
        _ => "N/A",
    };

    /// <summary>That of a CSI driver.</summary>
    public static string Csi(string driver) => "kubernetes.io/csi:" + driver;
}
