using System.Text;

namespace Kobune.Bench.Api;

/// <summary>The requests of the load: ConfigMaps of 1 KB, and pods as a Deployment's.</summary>
internal static class Requests
{
    public const string ConfigMaps = $"/api/v1/namespaces/{Access.Namespace}/configmaps";
    public const string Pods = $"/api/v1/namespaces/{Access.Namespace}/pods";

    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private static readonly string Value = new('x', 1024);

    public static HttpRequestMessage Create(string name) => Send(HttpMethod.Post, ConfigMaps, Body(name, "1"));

    public static HttpRequestMessage Get(string name) => new(HttpMethod.Get, $"{ConfigMaps}/{name}");

    public static HttpRequestMessage Update(string name) => Send(HttpMethod.Put, $"{ConfigMaps}/{name}", Body(name, "2"));

    public static HttpRequestMessage Patch(string name) => Send(HttpMethod.Patch, $"{ConfigMaps}/{name}", """{"data":{"b":"3"}}""", "application/merge-patch+json");

    public static HttpRequestMessage Delete(string name) => new(HttpMethod.Delete, $"{ConfigMaps}/{name}");

    public static HttpRequestMessage CreatePod(string name) => Send(
        HttpMethod.Post,
        Pods,
        $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","labels":{"app":"web","pod-template-hash":"5c8c7df74b"},"annotations":{"example.com/config":"{{{Value[..128]}}}"}},
         "spec":{"containers":[{"name":"web","image":"registry.example/web:1.0","ports":[{"containerPort":8080,"protocol":"TCP"}],"env":[{"name":"MODE","value":"production"}],
          "resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"memory":"128Mi"}},"readinessProbe":{"httpGet":{"path":"/","port":8080},"periodSeconds":10}}]}}
        """);

    public static HttpRequestMessage DeletePod(string name) => new(HttpMethod.Delete, $"{Pods}/{name}?gracePeriodSeconds=0");

    public static HttpRequestMessage List(string path, bool gzip = false, bool table = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", table ? Table : "application/json");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", gzip ? "gzip" : "identity");
        return request;
    }

    private static string Body(string name, string b) =>
        $"{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"{Access.Namespace}\"}},\"data\":{{\"a\":\"{Value}\",\"b\":\"{b}\"}}}}";

    private static HttpRequestMessage Send(HttpMethod method, string path, string body, string type = "application/json") =>
        new(method, path) { Content = new StringContent(body, Encoding.UTF8, type) };
}
