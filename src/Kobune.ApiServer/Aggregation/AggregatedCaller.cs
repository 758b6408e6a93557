using System.Globalization;
using System.Net;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;

namespace Kobune.ApiServer.Aggregation;

/// <summary>Requests to aggregated API servers: at an endpoint of their Service, with the front proxy's certificate, in the name of a user.</summary>
internal sealed class AggregatedCaller(IOutboundConnector? connector, IObjectReader objects)
{
    private const string UserHeader = "X-Remote-User";
    private const string UidHeader = "X-Remote-Uid";
    private const string GroupHeader = "X-Remote-Group";
    private const string ExtraPrefix = "X-Remote-Extra-";

    /// <summary>Where the Service's endpoint is.</summary>
    /// <exception cref="StatusException">503: there is none.</exception>
    public async ValueTask<(HttpMessageInvoker Invoker, Uri Address)> ResolveAsync(AggregatedApi api, CancellationToken ct)
    {
        var (host, port) = Endpoint(api) ?? throw StatusErrors.ServiceUnavailable("service unavailable");
        var target = new OutboundTarget(OutboundPurpose.ApiService, host, port, Tls: true) { Trust = api.Trust };
        return await (connector ?? throw StatusErrors.ServiceUnavailable("service unavailable")).ConnectAsync(target, ct);
    }

    /// <summary>Reads a path of the server, in the name of this server's own user.</summary>
    public async Task<HttpResponseMessage> GetAsync(AggregatedApi api, string path, string user, string accept, CancellationToken ct, string? knownTag = null)
    {
        var (invoker, address) = await ResolveAsync(api, ct);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (knownTag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", knownTag);
        }

        Sign(request, api, UserInfo.Of(user, UserNames.Masters));
        return await invoker.SendAsync(request, ct);
    }

    /// <summary>Says for whom the request is. What the client itself said about that is taken away.</summary>
    public static void Sign(HttpRequestMessage request, AggregatedApi api, UserInfo user)
    {
        foreach (var name in request.Headers.Select(h => h.Key).Where(IsIdentity).ToArray())
        {
            request.Headers.Remove(name);
        }

        request.Headers.Host = api.Trust.ServerName; // also what TLS verifies: the address is an endpoint's
        Add(request, UserHeader, [user.Name]);
        if (user.Uid.Length > 0)
        {
            Add(request, UidHeader, [user.Uid]);
        }

        Add(request, GroupHeader, user.Groups);
        foreach (var (key, values) in user.Extra)
        {
            Add(request, ExtraPrefix + Escape(key), values);
        }
    }

    /// <summary>Each value on a line of its own: HTTP/1.1, see <see cref="RepeatedHeader"/>.</summary>
    private static void Add(HttpRequestMessage request, string name, IReadOnlyList<string> values)
    {
        request.Version = HttpVersion.Version11;
        if (values.Count > 0)
        {
            request.Headers.TryAddWithoutValidation(name, RepeatedHeader.Join(values));
        }
    }

    private static bool IsIdentity(string header) =>
        header.StartsWith("X-Remote-", StringComparison.OrdinalIgnoreCase) || header.StartsWith(Impersonation.HeaderPrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Extra keys have slashes, which header names must not have: all but token characters is percent-encoded, as upstream does.</summary>
    private static string Escape(string key) =>
        string.Concat(System.Text.Encoding.UTF8.GetBytes(key).Select(b => char.IsAsciiLetterOrDigit((char)b) || "!#$&'*+-.^_`|~".Contains((char)b, StringComparison.Ordinal)
            ? ((char)b).ToString()
            : "%" + b.ToString("X2", CultureInfo.InvariantCulture)));

    private (string Host, int Port)? Endpoint(AggregatedApi api)
    {
        var service = objects.Find<Service>(api.Service.Namespace, api.Service.Name);
        return service switch
        {
            null => null,
            { Spec.Type: "ExternalName" } => (service.Spec.ExternalName, api.Port),
            _ => ServiceEndpoints.Port(service, api.Port.ToString(CultureInfo.InvariantCulture)) is { } port ? ServiceEndpoints.Pick(objects, service, port.Name) : null,
        };
    }
}
