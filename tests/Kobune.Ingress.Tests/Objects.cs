using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Networking.V1;
using Kobune.Ingress.Routing;

namespace Kobune.Ingress.Tests;

/// <summary>API objects in few words, and a routing table made from them without a server.</summary>
internal sealed class Objects : IRoutingObjects
{
    public const string Namespace = "shop";

    public List<Service> Services { get; } = [];

    public List<EndpointSlice> Slices { get; } = [];

    public List<Secret> Secrets { get; } = [];

    public static IngressObject Ingress(string name, string[] annotations, params (string Host, string Path, string Type, string Service)[] paths) => new()
    {
        Metadata = new()
        {
            Name = name,
            Namespace = Namespace,
            Annotations = annotations.Select(a => a.Split('=', 2)).ToDictionary(a => a[0].Contains('/') ? a[0] : "nginx.ingress.kubernetes.io/" + a[0], a => a[1]),
        },
        Spec = new()
        {
            IngressClassName = "nginx",
            Rules = [.. paths.GroupBy(p => p.Host).Select(g => new IngressRule
            {
                Host = g.Key,
                HTTP = new() { Paths = [.. g.Select(p => new HTTPIngressPath { Path = p.Path, PathType = p.Type, Backend = Backend(p.Service) })] },
            })],
        },
    };

    public static IngressBackend Backend(string service) => new() { Service = new() { Name = service, Port = new() { Number = 80 } } };

    public static IngressClass Class(string name = "nginx", string controller = "k8s.io/ingress-nginx") => new() { Metadata = new() { Name = name }, Spec = new() { Controller = controller } };

    public static Service Service(string name) => new()
    {
        Metadata = new() { Name = name, Namespace = Namespace },
        Spec = new() { Type = "ClusterIP", ClusterIP = "10.96.0.7", Ports = [new() { Name = "http", Port = 80, Protocol = "TCP", TargetPort = 8080 }] },
    };

    public static EndpointSlice Slice(string service, int port, params string[] addresses) => new()
    {
        Metadata = new() { Name = service + "-1", Namespace = Namespace, Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
        AddressType = "IPv4",
        Ports = [new() { Name = "http", Port = port, Protocol = "TCP" }],
        Endpoints = [.. addresses.Select(a => new Endpoint { Addresses = [a], Conditions = new() { Ready = true } })],
    };

    public static Secret Secret(string name, params (string Key, string Value)[] data) => new()
    {
        Metadata = new() { Name = name, Namespace = Namespace },
        Data = data.ToDictionary(d => d.Key, d => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(d.Value))),
    };

    /// <summary>A Secret of type kubernetes.io/tls for these names.</summary>
    public static Secret Tls(string name, params string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + hosts[0], key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        Array.ForEach(hosts, names.AddDnsName);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return Secret(name, ("tls.crt", certificate.ExportCertificatePem()), ("tls.key", key.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>The table for these Ingresses; every Service that they name exists with one endpoint of its name.</summary>
    public RoutingSnapshot Route(params IngressObject[] ingresses) => Route(ingresses, out _);

    public RoutingSnapshot Route(IngressObject[] ingresses, out IReadOnlyList<string> problems)
    {
        var builder = new RoutingBuilder(this, new(), Settings.GlobalSettings.Default);
        var snapshot = builder.Build(ingresses, Certificates.SelfMadeCertificate.Create(TimeProvider.System.GetUtcNow()));
        problems = builder.Problems;
        return snapshot;
    }

    public Service? FindService(string ns, string name) => Services.Find(s => s.Metadata.Name == name && s.Metadata.Namespace == ns);

    public IReadOnlyList<EndpointSlice> SlicesOf(string ns, string service) => [.. Slices.Where(s => s.Metadata.Labels["kubernetes.io/service-name"] == service && s.Metadata.Namespace == ns)];

    public Secret? FindSecret(string ns, string name) => Secrets.Find(s => s.Metadata.Name == name && s.Metadata.Namespace == ns);
}
