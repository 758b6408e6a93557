using Kobune.ApiServer.Certificates;
using Kobune.Cli.Kubeconfig;
using Kobune.Cli.Profiles;
using Kobune.Machine.State;
using Kobune.Node;

namespace Kobune.Cli.Clusters;

/// <summary>The keys of a cluster on the disk of its first machine. Made by the command line before the machine starts, so that nobody waits for them.</summary>
internal static class ClusterKeys
{
    /// <summary>The first machine's certificate folder, as the host sees it.</summary>
    public static string FolderOf(MachineHome home, ProfileConfig profile) => Path.Combine(DataFolderOf(home, profile.Primary.Name), "certs");

    /// <summary>A machine's /var/lib/kobune, as the host sees it.</summary>
    public static string DataFolderOf(MachineHome home, string machine) => Path.Combine(home.Machine(machine), "disk", "var-lib-kobune");

    /// <summary>Makes or loads the keys, and gives each worker its own.</summary>
    public static KubeconfigEntry Prepare(MachineHome home, ProfileConfig profile, TimeProvider time)
    {
        NodeConfig[] nodes = [.. profile.Nodes.Select(n => ClusterPlan.NodeOf(profile, n))];
        using var certificates = ClusterCertificates.CreateOrLoad(NodeCertificates.OptionsOf(nodes[0], FolderOf(home, profile)), time);
        foreach (var worker in nodes.Where(n => !n.IsControlPlane))
        {
            NodeCertificates.WriteWorker(certificates, worker, Path.Combine(DataFolderOf(home, worker.NodeName), "certs"));
        }

        var admin = NodeCertificates.AdminPair(certificates);
        return new(profile.Name, profile.ServerUrl, certificates.Authority.CertificatePem, admin.CertificatePem, admin.KeyPem) { WrittenAt = time.GetUtcNow() };
    }

    /// <summary>What the kubeconfig should hold, from the files; null when the cluster was never started.</summary>
    public static KubeconfigEntry? Load(MachineHome home, ProfileConfig profile, TimeProvider time)
    {
        var folder = FolderOf(home, profile);
        string Read(string name) => File.ReadAllText(Path.Combine(folder, name));
        return File.Exists(Path.Combine(folder, "admin.crt")) && File.Exists(Path.Combine(folder, "ca.crt"))
            ? new(profile.Name, profile.ServerUrl, Read("ca.crt"), Read("admin.crt"), Read("admin.key")) { WrittenAt = time.GetUtcNow() }
            : null;
    }
}
