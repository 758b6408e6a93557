using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission;

/// <summary>All plugins in upstream's order: first every mutating one, later (after validation of the object) every validating one.</summary>
public sealed class AdmissionChain
{
    private readonly IReadOnlyList<IMutatingAdmission> _mutating;
    private readonly IReadOnlyList<IValidatingAdmission> _validating;

    /// <summary>Takes plugins in the order in which they are asked.</summary>
    public AdmissionChain(IReadOnlyList<IAdmissionPlugin> plugins)
    {
        Plugins = plugins;
        _mutating = [.. plugins.OfType<IMutatingAdmission>()];
        _validating = [.. plugins.OfType<IValidatingAdmission>()];
    }

    /// <summary>All plugins.</summary>
    public IReadOnlyList<IAdmissionPlugin> Plugins { get; }

    /// <summary>Hears how long each plugin took: its name (empty for the whole phase), operation, admit or validate, whether it refused, how long.</summary>
    internal Action<string, string, string, bool, TimeSpan>? Observer { get; set; }

    /// <summary>The clock of the observer.</summary>
    internal TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Gives the way into the server to the plugins that make objects.</summary>
    internal void Attach(InProcessEndpoint endpoint)
    {
        foreach (var plugin in Plugins.OfType<IServerAdmission>())
        {
            plugin.Attach(endpoint);
        }
    }

    /// <summary>Gives the resources to the plugins that ask for kinds.</summary>
    internal void Attach(ResourceRegistry registry)
    {
        foreach (var plugin in Plugins.OfType<IRegistryAdmission>())
        {
            plugin.Attach(registry);
        }
    }

    /// <summary>The mutating phase. The first refusal ends it. When a webhook or a policy changed the object, all plugins have a second look, and those webhooks and policies that want one
    /// (k8s.io/apiserver, admission/reinvocation.go).</summary>
    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        await RunAsync(request, "admit", _mutating, static (plugin, request, ct) => plugin.MutateAsync(request, ct), ct);
        if (request.Reinvocation.IsNeeded || request.PolicyReinvocation.IsNeeded)
        {
            request.Reinvocation.IsRunning = request.PolicyReinvocation.IsRunning = true;
            await RunAsync(request, "admit", _mutating, static (plugin, request, ct) => plugin.MutateAsync(request, ct), ct);
        }
    }

    /// <summary>The validating phase. The first refusal ends it.</summary>
    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct) =>
        RunAsync(request, "validate", _validating, static (plugin, request, ct) => plugin.ValidateAsync(request, ct), ct);

    /// <summary>Asks the webhooks alone, in both phases: about a request whose effect all other plugins judge as the write that it becomes (binding, eviction).</summary>
    internal async ValueTask ReviewAsync(AdmissionRequest request, CancellationToken ct)
    {
        foreach (var plugin in _mutating.OfType<IWebhookAdmission>())
        {
            await ((IMutatingAdmission)plugin).MutateAsync(request, ct);
        }

        foreach (var plugin in _validating.OfType<IWebhookAdmission>())
        {
            await ((IValidatingAdmission)plugin).ValidateAsync(request, ct);
        }
    }

    /// <summary>Gives the webhook plugins their way out.</summary>
    internal void Attach(WebhookServices services)
    {
        foreach (var plugin in Plugins.OfType<IWebhookAdmission>())
        {
            plugin.Attach(services);
        }
    }

    private async ValueTask RunAsync<T>(AdmissionRequest request, string type, IReadOnlyList<T> plugins, Func<T, AdmissionRequest, CancellationToken, ValueTask> run, CancellationToken ct)
        where T : IAdmissionPlugin
    {
        var (begin, name) = (Time.GetTimestamp(), "");
        var start = begin;
        var operation = request.Operation switch
        {
            AdmissionOperation.Create => "CREATE",
            AdmissionOperation.Update => "UPDATE",
            AdmissionOperation.Delete => "DELETE",
            _ => "CONNECT",
        };
        var rejected = true;
        try
        {
            foreach (var plugin in plugins)
            {
                (name, start) = (plugin.Name, Time.GetTimestamp());
                await run(plugin, request, ct);
                Observer?.Invoke(name, operation, type, false, Time.GetElapsedTime(start));
                name = "";
            }

            rejected = false;
        }
        finally
        {
            if (name.Length > 0)
            {
                Observer?.Invoke(name, operation, type, true, Time.GetElapsedTime(start));
            }

            Observer?.Invoke("", operation, type, rejected, Time.GetElapsedTime(begin));
        }
    }
}
