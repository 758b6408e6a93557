using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;
using k8s.Models;
using Kobune.Testing;

namespace Operator.Tests;

/// <summary>A cluster with the operator in it, as it would be installed: under its own service account and with the rights of rbac.yaml alone. Each test has one of its own.</summary>
internal sealed class OperatorCluster : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly IKubernetes _own;
    private readonly OperatorHost _operator;
    private readonly X509Certificate2 _certificate;

    private OperatorCluster(TestCluster cluster, IKubernetes client, IKubernetes own, OperatorHost @operator, X509Certificate2 certificate)
    {
        _cluster = cluster;
        Client = client;
        _own = own;
        _operator = @operator;
        _certificate = certificate;
    }

    /// <summary>The administrator.</summary>
    public IKubernetes Client { get; }

    public static async Task<OperatorCluster> StartAsync(CancellationToken ct)
    {
        var cluster = await TestCluster.StartAsync(o => o with { Https = true, Nodes = 2 }, ct);
        var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.KubeconfigFile()));
        await InstallAsync(client, ct);
        var own = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.KubeconfigFile("system:serviceaccount:operators:website-operator")));
        var certificate = Certificate();
        var started = await OperatorHost.StartAsync(own, new(IPAddress.Loopback, 0), certificate, TimeProvider.System, ct);
        await client.AdmissionregistrationV1.CreateValidatingWebhookConfigurationAsync(Webhook(new(started.Address, WebSiteWebhook.Path), certificate), cancellationToken: ct);
        return new(cluster, client, own, started, certificate);
    }

    public Task<WebSite> CreateAsync(string name, WebSiteSpec spec, CancellationToken ct) => Client.CustomObjects.CreateNamespacedCustomObjectAsync<WebSite>(
        new WebSite { Metadata = new() { Name = name }, Spec = spec }, WebSite.Group, WebSite.Version, "default", WebSite.Plural, cancellationToken: ct);

    /// <summary>Watches the sites until one is as it should be.</summary>
    public Task<WebSite> SeesSiteAsync(Func<WatchEventType, WebSite, bool> wanted, CancellationToken ct) => SeesAsync(
        end => Client.CustomObjects.WatchListCustomObjectForAllNamespacesAsync(WebSite.Group, WebSite.Version, WebSite.Plural, cancellationToken: end), o => KubernetesJson.Deserialize<WebSite>(o.ToString()!), wanted, ct);

    /// <summary>Watches the Deployments until one is as it should be.</summary>
    public Task<V1Deployment> SeesDeploymentAsync(Func<WatchEventType, V1Deployment, bool> wanted, CancellationToken ct) => SeesAsync(
        end => Client.AppsV1.WatchListDeploymentForAllNamespacesAsync(cancellationToken: end), o => o, wanted, ct);

    public async ValueTask DisposeAsync()
    {
        await _operator.DisposeAsync();
        _certificate.Dispose();
        _own.Dispose();
        Client.Dispose();
        await _cluster.DisposeAsync();
    }

    private static async Task InstallAsync(Kubernetes client, CancellationToken ct)
    {
        foreach (var item in await KubernetesYaml.LoadAllFromFileAsync(Path.Combine(AppContext.BaseDirectory, "rbac.yaml")))
        {
            _ = item switch
            {
                V1Namespace ns => await client.CoreV1.CreateNamespaceAsync(ns, cancellationToken: ct) as object,
                V1ServiceAccount account => await client.CoreV1.CreateNamespacedServiceAccountAsync(account, account.Metadata.NamespaceProperty, cancellationToken: ct),
                V1ClusterRole role => await client.RbacAuthorizationV1.CreateClusterRoleAsync(role, cancellationToken: ct),
                V1ClusterRoleBinding binding => await client.RbacAuthorizationV1.CreateClusterRoleBindingAsync(binding, cancellationToken: ct),
                _ => throw new InvalidOperationException($"rbac.yaml has a {item.GetType().Name}"),
            };
        }

        await client.ApiextensionsV1.CreateCustomResourceDefinitionAsync(await OperatorHost.DefinitionAsync(), cancellationToken: ct);
        await SeesAsync(
            end => client.ApiextensionsV1.WatchListCustomResourceDefinitionAsync(cancellationToken: end), o => o, (_, d) => d.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true, ct);
    }

    private static async Task<T> SeesAsync<TItem, T>(Func<CancellationToken, IAsyncEnumerable<(WatchEventType, TItem)>> watch, Func<TItem, T> read, Func<WatchEventType, T, bool> wanted, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var (type, item) in watch(patience.Token))
        {
            if (read(item) is var one && wanted(type, one))
            {
                return one;
            }
        }

        throw new InvalidOperationException("the watch ended before what was waited for came");
    }

    private static V1ValidatingWebhookConfiguration Webhook(Uri address, X509Certificate2 certificate) => new()
    {
        Metadata = new() { Name = "websites" },
        Webhooks =
        [
            new()
            {
                Name = "websites.samples.kobune.dev",
                AdmissionReviewVersions = ["v1"],
                SideEffects = "None",
                ClientConfig = new() { Url = address.ToString(), CaBundle = System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()) },
                Rules = [new() { ApiGroups = [WebSite.Group], ApiVersions = [WebSite.Version], Resources = [WebSite.Plural], Operations = ["CREATE", "UPDATE"] }],
            },
        ],
    };

    // Signed by itself, for 127.0.0.1.
    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=website-operator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
