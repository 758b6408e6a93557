using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kobune.Addons.Metrics;
using Kobune.Addons.Switching;
using Kobune.Api.Authentication.V1;
using Kobune.Api.Authorization.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControlPlane.InProcess;
using Kobune.Node.IngressController;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.MetricsServer;

/// <summary>The addon "metrics-server": an aggregated API server in the process of the first node.</summary>
internal static class MetricsAddon
{
    /// <summary>Its name.</summary>
    public const string Addon = "metrics-server";

    /// <param name="config">The node.</param>
    /// <param name="authority">Signs the kubelets' certificates.</param>
    /// <param name="clients">Clients beside the API server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For the server.</param>
    /// <param name="configure">Changes the server's settings; it listens on a free port of the node's address, which its slice tells.</param>
    public static AddonPart Part(NodeConfig config, X509Certificate2 authority, IClientFactory clients, TimeProvider time, ILoggerFactory loggers, Func<MetricsServerOptions, MetricsServerOptions>? configure = null)
    {
        var admin = clients.For(InProcessClients.Administrator);
        var objects = new MetricsObjects(admin, config.NodeName, IPAddress.Parse(config.NodeIP));
        var options = new MetricsServerOptions
        {
            Listen = new(IPAddress.Parse(config.NodeIP), 0),
            Authority = authority,
            Token = ct => TokenAsync(admin, ct),
        };
        return new(Addon, _ => [new Runner(configure?.Invoke(options) ?? options, objects, admin, clients.For(MetricsManifest.Identity), time, loggers)]) { Remove = objects.RemoveAsync };
    }

    private static async Task<string> TokenAsync(IClient admin, CancellationToken ct)
    {
        var request = new TokenRequest { Spec = new() { ExpirationSeconds = 3600 } };
        return (await admin.CreateSubresourceAsync<ServiceAccount, TokenRequest, TokenRequest>(MetricsManifest.Namespace, MetricsManifest.Name, "token", request, ct)).Status.Token;
    }

    /// <summary>The server with its objects: roles first, then the server, then what leads to it.</summary>
    private sealed class Runner(MetricsServerOptions options, MetricsObjects objects, IClient admin, IClient own, TimeProvider time, ILoggerFactory loggers) : IComponent
    {
        public string Name => Addon;

        public async Task RunAsync(CancellationToken ct)
        {
            await objects.EnsureRolesAsync(ct);
            await RoleWait.UntilAllowedAsync(own, new() { Verb = "list", Resource = "pods" }, time, ct);
            await RoleWait.UntilAllowedAsync(own, new() { Verb = "create", Group = "authorization.k8s.io", Resource = "subjectaccessreviews" }, time, ct);
            await RoleWait.UntilAllowedAsync(own, new() { Verb = "get", Resource = "configmaps", Namespace = MetricsManifest.Namespace, Name = "extension-apiserver-authentication" }, time, ct);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var server = new MetricsServerComponent(options, own, time, loggers);
            var informers = new InformerFactory(admin, time, loggers);
            Task[] running = [server.RunAsync(stop.Token), informers.RunAsync(stop.Token), KeepAsync(server, informers, stop.Token)];
            try
            {
                await await Task.WhenAny(running); // the first that ends, ends with its fault
            }
            finally
            {
                await stop.CancelAsync();
                await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private async Task KeepAsync(MetricsServerComponent server, InformerFactory informers, CancellationToken ct) =>
            await objects.KeepAsync(informers, (await server.Listening.WaitAsync(ct)).Port, ct);
    }
}
