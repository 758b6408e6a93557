using System.Collections.Concurrent;
using Kobune.Api;
using Kobune.Api.Autoscaling.V1;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;

namespace Kobune.Client;

/// <summary>Reads and writes the scale of objects of any kind that has one, as owner references name them. Source: client-go, scale.</summary>
public sealed class ScaleReader(ITransport transport, TimeProvider time)
{
    private readonly RetryingSender _sender = new(transport, time);
    private readonly ConcurrentDictionary<(string ApiVersion, string Kind), ResourceDescriptor> _scalable = new();

    /// <summary>The scale, or null when there is no such object.</summary>
    /// <exception cref="NoScaleException">The kind has no scale subresource, or there is no such kind.</exception>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<Scale?> FindAsync(string apiVersion, string kind, string ns, string name, CancellationToken ct)
    {
        var resource = await ResourceAsync(apiVersion, kind, ct);
        try
        {
            return (await _sender.SendAsync(new("GET", ResourcePath.Of(resource, ns, name, "scale")), ct)).Body.Read<Scale>();
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            _scalable.TryRemove((apiVersion, kind), out _); // the kind may be another now
            return null;
        }
    }

    /// <summary>Writes a scale that was read before.</summary>
    /// <exception cref="NoScaleException">The kind has no scale subresource, or there is no such kind.</exception>
    /// <exception cref="ApiException">The server refused, or somebody else has changed the object since.</exception>
    public async Task UpdateAsync(string apiVersion, string kind, Scale scale, CancellationToken ct)
    {
        var resource = await ResourceAsync(apiVersion, kind, ct);
        await _sender.SendAsync(new("PUT", ResourcePath.Of(resource, scale.Metadata.Namespace, scale.Metadata.Name, "scale"), JsonText.Bytes(scale), "application/json"), ct);
    }

    private async Task<ResourceDescriptor> ResourceAsync(string apiVersion, string kind, CancellationToken ct)
    {
        if (_scalable.TryGetValue((apiVersion, kind), out var known))
        {
            return known;
        }

        var (group, version) = apiVersion.Split('/') is [var g, var v] ? (g, v) : ("", apiVersion);
        var resources = await ListAsync(group.Length == 0 ? "/api/" + version : $"/apis/{apiVersion}", ct);
        var resource = resources.FirstOrDefault(r => r.Kind == kind && !r.Name.Contains('/', StringComparison.Ordinal))
            ?? throw new NoScaleException($"no matches for kind \"{kind}\" in version \"{apiVersion}\"");
        if (!resources.Any(r => r.Name == resource.Name + "/scale" && r.Kind == "Scale"))
        {
            throw new NoScaleException($"{(group.Length == 0 ? resource.Name : resource.Name + "." + group)} does not implement the scale subresource");
        }

        return _scalable[(apiVersion, kind)] = new(group, version, kind, resource.Name, resource.Namespaced);
    }

    private async Task<IReadOnlyList<APIResource>> ListAsync(string path, CancellationToken ct)
    {
        try
        {
            return (await _sender.SendAsync(new("GET", path), ct)).Body.Read<APIResourceList>().APIResources;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return [];
        }
    }
}

/// <summary>A kind cannot be scaled; in upstream's words.</summary>
public sealed class NoScaleException(string message) : Exception(message);
