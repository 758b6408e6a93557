using System.Security.Cryptography.X509Certificates;
using Kobune.Client;
using Kobune.Client.Transport;
using Kobune.ControlPlane.InProcess;

namespace Kobune.Node.Roles;

/// <summary>The identities of a node's components: in-process beside the API server, over HTTPS with certificates of their own elsewhere.</summary>
internal sealed class WorkerClients : IDisposable
{
    /// <summary>The storage provisioner.</summary>
    public const string StorageIdentity = "system:serviceaccount:kube-system:storage-provisioner";

    private readonly List<IDisposable> _owned = [];

    private WorkerClients(IClient kubelet, IClient proxy, IClient dns, IClient storage)
    {
        Kubelet = kubelet;
        Proxy = proxy;
        Dns = dns;
        Storage = storage;
    }

    /// <summary>system:node:NAME.</summary>
    public IClient Kubelet { get; }

    /// <summary>system:kube-proxy.</summary>
    public IClient Proxy { get; }

    /// <summary>The cluster DNS: a service account beside the API server; workers have no DNS of their own and never use it.</summary>
    public IClient Dns { get; }

    /// <summary>Clients of any identity, beside the API server; null on a worker, where nothing runs that needs one.</summary>
    public IClientFactory? Local { get; private init; }

    /// <summary>The storage provisioner of this node.</summary>
    public IClient Storage { get; }

    public static WorkerClients InProcess(InProcessClients clients, NodeConfig config) => new(
        clients.For("system:node:" + config.NodeName),
        clients.For("system:kube-proxy"),
        clients.For("system:serviceaccount:kube-system:coredns"),
        clients.For(StorageIdentity))
    { Local = clients };

    public static WorkerClients OverHttps(NodeConfig config, TimeProvider time)
    {
        var owned = new List<IDisposable>();
        var authorities = new X509Certificate2Collection(X509CertificateLoader.LoadCertificateFromFile(Path.Combine(config.CertificatesDir, "ca.crt")));
        IClient Client(string pair, string agent)
        {
            var certificate = LoadPair(config, pair);
            var transport = new HttpsTransport(new()
            {
                Server = new(config.ServerUrl),
                Authorities = authorities,
                ClientCertificate = () => certificate,
                UserAgent = agent,
            });
            owned.Add(transport);
            owned.Add(certificate);
            return new KubernetesClient(transport, time);
        }

        var kubelet = Client(NodeCertificates.KubeletClient, "kubelet");
        var proxy = Client(NodeCertificates.Proxy, "kube-proxy");
        var clients = new WorkerClients(kubelet, proxy, proxy, Client(NodeCertificates.Storage, "storage-provisioner"));
        clients._owned.AddRange(owned);
        return clients;
    }

    /// <summary>A certificate with its key from the node's folder.</summary>
    public static X509Certificate2 LoadPair(NodeConfig config, string name) =>
        X509Certificate2.CreateFromPemFile(Path.Combine(config.CertificatesDir, name + ".crt"), Path.Combine(config.CertificatesDir, name + ".key"));

    public void Dispose() => _owned.ForEach(o => o.Dispose());
}
