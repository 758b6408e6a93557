using System.Net;

namespace Kobune.ApiServer.Certificates;

/// <summary>What the certificates of one cluster depend on.</summary>
public sealed record ClusterCertificatesOptions
{
    /// <summary>Folder of the files (kubeadm's names: ca.crt, apiserver.crt, sa.key); null keeps all in memory.</summary>
    public string? Directory { get; init; }

    /// <summary>Addresses of the server beyond 127.0.0.1 and the service address: those of its nodes and host edges.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Names of the server beyond the usual ones.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>Address of the service `kubernetes`.</summary>
    public IPAddress ServiceAddress { get; init; } = IPAddress.Parse("10.96.0.1");

    /// <summary>Domain of the cluster.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    internal CertificateProfile ServerProfile() => CertificateProfile.Server(
        "kube-apiserver",
        [.. new[] { "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + ClusterDomain, "localhost" }.Union(DnsNames)],
        [.. new[] { IPAddress.Loopback, ServiceAddress }.Union(Addresses)]);
}
