using System.Net;
using Kobune.ApiServer.Certificates;
using Kobune.Node.Roles;

namespace Kobune.Node;

/// <summary>The certificates of a cluster's nodes, made where the authority's key is: beside the first node. A worker is given only its own.</summary>
public static class NodeCertificates
{
    /// <summary>Client certificate of a kubelet, as a file name without extension.</summary>
    public const string KubeletClient = "kubelet-client";

    /// <summary>Serving certificate of a kubelet.</summary>
    public const string KubeletServing = "kubelet";

    /// <summary>Client certificate of the service proxy.</summary>
    public const string Proxy = "kube-proxy";

    /// <summary>Client certificate of the storage provisioner.</summary>
    public const string Storage = "storage-provisioner";

    /// <summary>What the certificates of the control plane are made from: the same for the node process and for whoever prepares its folder.</summary>
    /// <param name="config">The first node.</param>
    /// <param name="directory">The folder as this process sees it; null for the node's own path.</param>
    public static ClusterCertificatesOptions OptionsOf(NodeConfig config, string? directory = null) => new()
    {
        Directory = directory ?? config.CertificatesDir,
        Addresses = [.. config.NodeIPs.Concat(config.ApiServerNames.Where(n => IPAddress.TryParse(n, out _)).Select(IPAddress.Parse))],
        DnsNames = [.. new[] { config.NodeName, "control-plane.kobune.internal", "control-plane.minikube.internal" }.Concat(config.ApiServerNames.Where(n => !IPAddress.TryParse(n, out _)))],
        ServiceAddress = FirstOf(config.ServiceCIDR),
        ClusterDomain = config.ClusterDomain,
    };

    /// <summary>The kubeconfig of the user who made the cluster: CN=kubernetes-admin in group kubeadm:cluster-admins.</summary>
    public static string AdminKubeconfig(ClusterCertificates certificates, NodeConfig config) =>
        KubeconfigText.Write(config.Profile, config.ServerUrl, certificates.Authority.CertificatePem, AdminPair(certificates));

    /// <summary>The user's certificate, kept as admin.crt and admin.key and renewed near its end.</summary>
    public static PemPair AdminPair(ClusterCertificates certificates) => certificates.GetOrIssueClient("admin", "kubernetes-admin", "kubeadm:cluster-admins");

    /// <summary>Writes what a worker needs into its own folder: the authority's certificate without its key, and the worker's four pairs.</summary>
    /// <param name="certificates">The cluster's.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="directory">Its <see cref="NodeConfig.CertificatesDir"/> as this process sees it.</param>
    public static void WriteWorker(ClusterCertificates certificates, NodeConfig worker, string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "ca.crt"), certificates.Authority.CertificatePem);
        Write(directory, KubeletClient, certificates.IssueClient("system:node:" + worker.NodeName, "system:nodes"));
        Write(directory, KubeletServing, certificates.IssueKubeletServing(worker.NodeName, worker.NodeIPs));
        Write(directory, Proxy, certificates.IssueClient("system:kube-proxy", "system:node-proxier"));
        Write(directory, Storage, certificates.IssueClient(WorkerClients.StorageIdentity, "system:serviceaccounts", "system:serviceaccounts:kube-system"));
    }

    // The kubernetes Service has the first address, and pods know the API server by it.
    private static IPAddress FirstOf(string range)
    {
        var bytes = IPNetwork.Parse(range).BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new(bytes);
    }

    private static void Write(string directory, string name, PemPair pair)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(Path.Combine(directory, name + ".key"), options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(pair.KeyPem));
        }

        File.WriteAllText(Path.Combine(directory, name + ".crt"), pair.CertificatePem);
    }
}
