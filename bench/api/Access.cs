using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Kobune.Bench.Api;

/// <summary>What an administrator prepares: the namespace, and that a user and a service account may write there. Nobody who is measured is an administrator.</summary>
internal static class Access
{
    /// <summary>The namespace of everything that is measured.</summary>
    public const string Namespace = "bench";

    private const string Accounts = $"/api/v1/namespaces/{Namespace}/serviceaccounts";
    private const string Rbac = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{Namespace}";

    /// <summary>Prepares it and returns a token of the service account.</summary>
    public static async Task<string> GrantAsync(HttpClient admin)
    {
        await PostAsync(admin, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{Namespace}}}"}}""");
        await PostAsync(admin, Accounts, """{"metadata":{"name":"default"}}"""); // where no controller makes it
        await PostAsync(admin, Accounts, """{"metadata":{"name":"bench"}}""");
        await PostAsync(admin, Rbac + "/roles", """{"metadata":{"name":"bench"},"rules":[{"apiGroups":[""],"resources":["configmaps","pods"],"verbs":["*"]}]}""");
        await PostAsync(
            admin,
            Rbac + "/rolebindings",
            $$$"""
            {"metadata":{"name":"bench"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"bench"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"{{{Credentials.User}}}"},{"kind":"ServiceAccount","name":"bench","namespace":"{{{Namespace}}}"}]}
            """);
        using var answer = JsonDocument.Parse(await PostAsync(admin, Accounts + "/bench/token", """{"spec":{"audiences":[],"expirationSeconds":7200}}"""));
        return answer.RootElement.GetProperty("status").GetProperty("token").GetString()!;
    }

    /// <summary>A client that says who it is by a token.</summary>
    public static HttpClient WithToken(Credentials credentials, string url, string token)
    {
        var client = credentials.Client(url, null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static async Task<string> PostAsync(HttpClient admin, string path, string body)
    {
        using var response = await admin.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Conflict ? text : throw new InvalidOperationException($"POST {path}: {text}");
    }
}
