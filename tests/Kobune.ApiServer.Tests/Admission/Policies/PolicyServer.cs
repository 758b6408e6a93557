using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Admission.Policies;

/// <summary>A server that evaluates policies, and bodies of what it is sent.</summary>
internal static class PolicyServer
{
    public const string PolicyPath = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    public const string BindingPath = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
    public const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string ConfigMaps = """{"resourceRules":[{"operations":["CREATE","UPDATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]}""";

    public static async Task<TestServer> StartAsync(Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var server = await TestServer.StartAsync(o => (configure?.Invoke(o) ?? o) with { Admission = new AdmissionChain([new MutatingAdmissionPolicyPlugin(new AliceMayRead(), 36), new ValidatingAdmissionPolicyPlugin(new AliceMayRead(), 36)]) });
        await server.MustAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"default","labels":{"env":"prod"}}}""");
        return server;
    }

    /// <summary>Makes a policy with a spec, and a binding of the same name.</summary>
    public static async Task BindAsync(TestServer server, string name, string spec, string binding = """{"validationActions":["Deny"]}""", string constraints = ConfigMaps)
    {
        await server.MustAsync("POST", PolicyPath, Policy(name, spec, constraints));
        var bound = (JsonObject)JsonNode.Parse(binding)!;
        bound["policyName"] = name;
        await server.MustAsync("POST", BindingPath, new JsonObject { ["metadata"] = new JsonObject { ["name"] = $"{name}-binding" }, ["spec"] = bound }.ToJsonString());
    }

    public static string Policy(string name, string spec, string constraints = ConfigMaps)
    {
        var json = (JsonObject)JsonNode.Parse(spec)!;
        json["matchConstraints"] ??= JsonNode.Parse(constraints);
        return new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = json }.ToJsonString();
    }

    public static string Map(string name, string value, string labels = "{}") => $$$"""{"metadata":{"name":"{{{name}}}","labels":{{{labels}}}},"data":{"a":"{{{value}}}"}}""";

    internal sealed class AliceMayRead : IAuthorizer
    {
        public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct) =>
            new(user.Name == "alice" && request.Verb == "get" ? new AuthorizationResult(Decision.Allow, "") : AuthorizationResult.None);
    }
}
