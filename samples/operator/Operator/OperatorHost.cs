using System.Net;
using System.Security.Cryptography.X509Certificates;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Operator;

/// <summary>The whole operator: its custom resource, its webhook and its controller. The program runs one in a pod, tests run it in their own process.</summary>
public sealed class OperatorHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly WebApplication _web;
    private Task _controller = Task.CompletedTask;

    private OperatorHost(WebApplication web)
    {
        _web = web;
    }

    /// <summary>Where the webhook really listens.</summary>
    public Uri Address => new(_web.Urls.First());

    /// <summary>The CustomResourceDefinition.</summary>
    public static async Task<V1CustomResourceDefinition> DefinitionAsync()
    {
        await using var stream = typeof(OperatorHost).Assembly.GetManifestResourceStream("websites.yaml")!;
        return await KubernetesYaml.LoadFromStreamAsync<V1CustomResourceDefinition>(stream);
    }

    /// <summary>Starts the webhook, then the controller.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="listen">Where the webhook listens; port 0 takes a free one.</param>
    /// <param name="certificate">The webhook's certificate, which the ValidatingWebhookConfiguration's caBundle trusts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Ends the start.</param>
    public static async Task<OperatorHost> StartAsync(IKubernetes client, IPEndPoint listen, X509Certificate2 certificate, TimeProvider time, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(listen, l => l.UseHttps(certificate)));
        var host = new OperatorHost(builder.Build());
        WebSiteWebhook.Map(host._web);
        await host._web.StartAsync(ct);
        host._controller = new WebSiteController(client, time, host._web.Services.GetRequiredService<ILogger<WebSiteController>>()).RunAsync(host._stop.Token);
        return host;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _controller;
        }
        catch (OperationCanceledException)
        {
            // our own token
        }

        await _web.DisposeAsync();
        _stop.Dispose();
    }
}
