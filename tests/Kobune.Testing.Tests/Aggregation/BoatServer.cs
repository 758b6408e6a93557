using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Outbound;
using Kobune.Client;

namespace Kobune.Testing.Tests.Aggregation;

/// <summary>An API server of the group version boats.example.com/v1 behind an APIService, with one boat in a namespace until that is deleted.</summary>
internal sealed class BoatServer : HttpMessageHandler
{
    public const string ApiService = "v1.boats.example.com";
    private const string Host = "boats.example";
    private const string Prefix = "/apis/boats.example.com/v1";

    private const string Discovery = """
        {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"boats.example.com/v1","resources":[{"name":"boats","singularName":"boat","namespaced":true,"kind":"Boat","verbs":["get","list","delete","deletecollection"]}]}
        """;

    private const string OpenApiV3 = """
        {"openapi":"3.0.0","info":{"title":"boats","version":"v1"},
         "paths":{"/apis/boats.example.com/v1/namespaces/{namespace}/boats/{name}":{"get":{"responses":{"200":{"description":"OK"}},"x-kubernetes-action":"get","x-kubernetes-group-version-kind":{"group":"boats.example.com","version":"v1","kind":"Boat"}}}},
         "components":{"schemas":{"com.example.boats.v1.Boat":{"type":"object","description":"A boat with oars.","properties":{"oars":{"type":"integer","format":"int32","description":"How many oars it has."}},
         "x-kubernetes-group-version-kind":[{"group":"boats.example.com","version":"v1","kind":"Boat"}]}}}}
        """;

    private readonly ConcurrentDictionary<string, bool> _boats = new();

    public enum Mode
    {
        Up,
        Down,
        Unavailable,
        Hangs,
    }

    public Mode Now { get; set; }

    public static HttpMessageHandler? Of(OutboundTarget target, BoatServer server) => target is { Purpose: OutboundPurpose.ApiService, Host: Host } ? server : null;

    /// <summary>Puts a boat into a namespace.</summary>
    public void Add(string ns) => _boats[ns] = true;

    /// <summary>Whether the namespace still has its boat.</summary>
    public bool Has(string ns) => _boats.ContainsKey(ns);

    /// <summary>Makes the objects that lead to it.</summary>
    public static async Task RegisterAsync(IClient client, CancellationToken ct)
    {
        await client.CreateAsync(new Service { Metadata = new() { Name = "boats", Namespace = "kube-system" }, Spec = new() { Type = "ExternalName", ExternalName = Host } }, ct);
        await client.CreateAsync(
            new APIService
            {
                Metadata = new() { Name = ApiService },
                Spec = new()
                {
                    Group = "boats.example.com",
                    Version = "v1",
                    Service = new() { Name = "boats", Namespace = "kube-system", Port = 443 },
                    InsecureSkipTLSVerify = true,
                    GroupPriorityMinimum = 100,
                    VersionPriority = 100,
                },
            },
            ct);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        switch (Now)
        {
            case Mode.Down:
                throw new HttpRequestException("connection refused");
            case Mode.Unavailable:
                return new(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("the boats are away"), RequestMessage = request };
            case Mode.Hangs:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken); // until whoever asks has no more patience
                break;
        }

        var path = request.RequestUri!.AbsolutePath;
        var (code, body) = path switch
        {
            Prefix => (200, Discovery),
            "/openapi/v3" => (200, """{"paths":{"apis/boats.example.com/v1":{"serverRelativeURL":"/openapi/v3/apis/boats.example.com/v1?hash=A"}}}"""),
            "/openapi/v3/apis/boats.example.com/v1" => (200, OpenApiV3),
            _ when path.Split('/') is ["", "apis", _, _, "namespaces", var ns, "boats"] => (200, Boats(request.Method, ns)),
            _ => (404, """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"no such path"}"""),
        };
        return new((HttpStatusCode)code) { Content = new StringContent(body, Encoding.UTF8, "application/json"), RequestMessage = request };
    }

    private string Boats(HttpMethod method, string ns)
    {
        if (method == HttpMethod.Delete)
        {
            _boats.TryRemove(ns, out _);
            return """{"kind":"Status","apiVersion":"v1","status":"Success"}""";
        }

        var items = Has(ns) ? $$$"""{"metadata":{"name":"sculler","namespace":"{{{ns}}}","uid":"u"}}""" : "";
        return $$$"""{"kind":"BoatList","apiVersion":"boats.example.com/v1","metadata":{"resourceVersion":"1"},"items":[{{{items}}}]}""";
    }
}
