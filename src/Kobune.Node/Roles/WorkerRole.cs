using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kobune.Api.Schema;
using Kobune.ApiServer.Certificates;
using Kobune.Client.Informers;
using Kobune.ControlPlane.Hosting;
using Kobune.Dns;
using Kobune.Kubelet;
using Kobune.Node.Registries;
using Kobune.Node.Settings;
using Kobune.Proxy;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Roles;

/// <summary>What runs on a node that runs pods: kubelet, service proxy, and on the control-plane node the cluster DNS.</summary>
internal static class WorkerRole
{
    /// <summary>Where the cluster DNS listens on the node's address.</summary>
    public const int DnsPort = 10053;

    public static void Start(NodeConfig config, WorkerClients clients, ClusterCertificates? certificates, ComponentHost components, TimeProvider time, ILoggerFactory loggers)
    {
        if (certificates is not null)
        {
            StartDns(config, clients, components, time, loggers);
        }

        StartProxy(config, clients, components, time, loggers);
        NodeRegistries.Start(config, components, loggers);
        StartKubelet(config, clients, certificates, components, time, loggers);
        NodeAddons.Start(config, clients, Authority(config, certificates), components, time, loggers);
    }

    private static void StartKubelet(NodeConfig config, WorkerClients clients, ClusterCertificates? certificates, ComponentHost components, TimeProvider time, ILoggerFactory loggers)
    {
        var informers = new InformerFactory(clients.Kubelet, time, loggers);
        components.Start(informers);
        var settings = new ComponentSettings(config.ExtraConfig);
        var version = KubernetesVersion.ParseOrNewest(config.KubernetesVersion);
        components.Start(new KubeletComponent(
            clients.Kubelet,
            informers,
            settings.Kubelet(new KubeletOptions
            {
                Features = settings.Features("kubelet", version, config.FeatureGates),
                KubeletVersion = version.GitVersion,
                NodeName = config.NodeName,
                NodeIP = config.NodeIP,
                SecondNodeIP = config.IPv6?.NodeIP,
                PodCIDRs = config.PodCIDRs,
                BeforePull = (image, ct) => NodeRegistries.PrepareAsync(Path.Combine(config.DataDir, "node.json"), image, time, ct),
                ClusterDns = [config.ClusterDNS],
                ClusterDomain = config.ClusterDomain,
                ServingCertificate = ServingCertificate(config, certificates),
                ClientCertificateAuthority = Authority(config, certificates),
            }),
            time,
            loggers));
    }

    private static X509Certificate2 Authority(NodeConfig config, ClusterCertificates? certificates) =>
        certificates?.Authority.Certificate ?? X509CertificateLoader.LoadCertificateFromFile(Path.Combine(config.CertificatesDir, "ca.crt"));

    private static X509Certificate2 ServingCertificate(NodeConfig config, ClusterCertificates? certificates)
    {
        if (certificates is null)
        {
            return WorkerClients.LoadPair(config, NodeCertificates.KubeletServing);
        }

        return certificates.GetOrIssueKubeletServing(NodeCertificates.KubeletServing, config.NodeName, config.NodeIPs).Load();
    }

    private static void StartProxy(NodeConfig config, WorkerClients clients, ComponentHost components, TimeProvider time, ILoggerFactory loggers)
    {
        var informers = new InformerFactory(clients.Proxy, time, loggers);
        components.Start(informers);
        components.Start(new ProxyComponent(
            new ComponentSettings(config.ExtraConfig).Proxy(new ProxyOptions
            {
                NodeName = config.NodeName,
                NodeIPs = config.NodeIPs,
                ClusterCIDRs = config.ClusterCIDRs,
                Mode = ProxyModes.Parse(config.ProxyMode) ?? ProxyMode.Nftables,
                HealthPort = 10256,
                MetricsPort = 10249,
            }),
            informers,
            time,
            loggers));
    }

    private static void StartDns(NodeConfig config, WorkerClients clients, ComponentHost components, TimeProvider time, ILoggerFactory loggers)
    {
        var informers = new InformerFactory(clients.Dns, time, loggers);
        components.Start(informers);
        components.Start(new DnsComponent(
            new DnsOptions
            {
                Listen = [.. config.NodeIPs.Select(ip => new IPEndPoint(ip, DnsPort)), new(IPAddress.Loopback, DnsPort)],
                Domain = config.ClusterDomain,
                Upstream = Resolvers("/etc/resolv.conf"),
                ConfigMap = ClusterDns.CorefileMap.Key,
            },
            informers,
            time,
            loggers));
    }

    private static IPEndPoint[] Resolvers(string path) => !File.Exists(path)
        ? []
        : [.. File.ReadLines(path)
            .Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", ..] && words.Length > 1 && IPAddress.TryParse(words[1], out var address) && !IPAddress.IsLoopback(address))
            .Select(words => new IPEndPoint(IPAddress.Parse(words[1]), 53))];
}
