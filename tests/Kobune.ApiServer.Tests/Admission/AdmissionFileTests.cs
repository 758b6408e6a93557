using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Tests.Authorization;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Admission;

/// <summary>--admission-control-config-file: what plugins are told by a file, in itself or in others, and what is said of one that cannot be used.</summary>
public sealed class AdmissionFileTests : IDisposable
{
    private const string Head = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n";
    private const string Security = "apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration";
    private const string Hooks = "apiVersion: apiserver.config.k8s.io/v1, kind: WebhookAdmissionConfiguration";
    private const string Quotas = "apiVersion: apiserver.config.k8s.io/v1, kind: ResourceQuotaConfiguration";
    private const string NoName = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-admission-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("kind: Nothing\napiVersion: v1", "failed to read plugin config: no kind \"Nothing\" is registered for version \"v1\"")]
    [InlineData("apiVersion: v1", "failed to read plugin config: Object 'Kind' is missing in '{\"apiVersion\":\"v1\"}'")]
    [InlineData("kind: AdmissionConfiguration", "failed to read plugin config: Object 'apiVersion' is missing in '{\"kind\":\"AdmissionConfiguration\"}'")]
    [InlineData(Head + "plugins: [{name: PodSecurity, configuration: {kind: Pod, apiVersion: v1}}]", "couldn't init admission plugin \"PodSecurity\": no kind \"Pod\" is registered for version \"v1\"")]
    [InlineData(Head + "plugins: [{name: PodSecurity, configuration: {" + Security + ", more: 1}}]", "couldn't init admission plugin \"PodSecurity\": strict decoding error: unknown field \"more\"")]
    [InlineData(Head + "plugins: [{name: PodSecurity, configuration: {" + Security + ", defaults: {enforce: strict, audit-version: '1.2'}}}]", "couldn't init admission plugin \"PodSecurity\": [defaults.enforce: Invalid value: \"strict\": must be one of privileged, baseline, restricted, defaults.audit-version: Invalid value: \"1.2\": must be \"latest\" or \"v1.x\"]")]
    [InlineData(Head + "plugins: [{name: PodSecurity, configuration: {" + Security + ", exemptions: {usernames: ['', a, a], namespaces: [A], runtimeClasses: [r, r]}}}]", "couldn't init admission plugin \"PodSecurity\": [exemptions.namespaces[0]: Invalid value: \"A\": " + NoName + ", exemptions.runtimeClasses[1]: Duplicate value: \"r\", exemptions.usernames[0]: Required value, exemptions.usernames[2]: Duplicate value: \"a\"]")]
    [InlineData(Head + "plugins: [{name: ResourceQuota, configuration: {" + Quotas + ", limitedResources: [{matchContains: [pods]}]}}]", "couldn't init admission plugin \"ResourceQuota\": limitedResources[0].resource: Required value")]
    [InlineData(Head + "plugins: [{name: ValidatingAdmissionWebhook, configuration: {" + Hooks + ", kubeConfigFile: hooks.yaml}}]", "couldn't init admission plugin \"ValidatingAdmissionWebhook\": kubeConfigFile: Invalid value: \"hooks.yaml\": must be an absolute file path")]
    [InlineData(Head + "plugins: [{name: ResourceQuota, path: FOLDER/none.yaml}]", "couldn't init admission plugin \"ResourceQuota\": Couldn't open admission plugin configuration FOLDER/none.yaml: open FOLDER/none.yaml: no such file or directory")]
    [InlineData(Head + "plugins: [{name: PodTolerationRestriction, configuration: {apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1, kind: Configuration, default: [{key: a}]}}]", null)] // it does not run
    [InlineData(Head + "plugins: [{name: Someone, configuration: {}}]\nmore: 1", null)]
    public void A_file_that_cannot_be_used_keeps_the_server_from_starting(string text, string? problem)
    {
        var file = Write("admission.yaml", text.Replace("FOLDER", _folder.FullName, StringComparison.Ordinal));
        var failure = Record.Exception(() => Plugins(new() { ConfigFile = file }));
        Assert.Equal(problem?.Replace("FOLDER", _folder.FullName, StringComparison.Ordinal), (failure as FormatException)?.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() => Assert.Equal(
        "failed to read plugin config: unable to read admission control configuration from \"/nowhere/a.yaml\" [open /nowhere/a.yaml: no such file or directory]",
        Assert.Throws<FormatException>(() => Plugins(new() { ConfigFile = "/nowhere/a.yaml" })).Message);

    [Fact]
    public void Tolerations_of_a_plugin_that_runs_are_checked()
    {
        var file = Write("admission.yaml", Head + "plugins: [{name: PodTolerationRestriction, configuration: {apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1, kind: Configuration, default: [{value: a}]}}]");
        Assert.StartsWith(
            "couldn't init admission plugin \"PodTolerationRestriction\": podtolerationrestriction.default[0].operator: Invalid value: \"\": operator must be Exists when `key` is empty",
            Assert.Throws<FormatException>(() => Plugins(new() { ConfigFile = file, Enabled = ["PodTolerationRestriction"] })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_hold_where_a_namespace_says_nothing_and_exemptions_let_pass()
    {
        Write("security.yaml", "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\ndefaults: {enforce: baseline, enforce-version: v1.30}\nexemptions: {usernames: [jo], namespaces: [free], runtimeClasses: [sandboxed]}");
        await using var server = await StartAsync("plugins: [{name: PodSecurity, path: security.yaml}]", "Priority", "RuntimeClass");
        var (jo, root) = (UserInfo.Of("jo", UserNames.Masters), UserInfo.Of("root", UserNames.Masters));
        await server.SendAsync(root, "POST", "/api/v1/namespaces", """{"metadata":{"name":"free"}}""");
        await server.SendAsync(root, "POST", "/api/v1/namespaces", """{"metadata":{"name":"loose","labels":{"pod-security.kubernetes.io/enforce":"privileged"}}}""");
        const string refusal = "pods \"a\" is forbidden: violates PodSecurity \"baseline:v1.30\": host namespaces (hostPID=true)";
        Assert.Equal(refusal, await PodAsync(root, "default", ""));
        Assert.Equal("", await PodAsync(jo, "default", ""));
        Assert.Equal("", await PodAsync(root, "free", ""));
        Assert.Equal("", await PodAsync(root, "loose", ""));
        Assert.Equal("", await PodAsync(root, "default", "\"runtimeClassName\":\"sandboxed\",", "b"));

        async Task<string> PodAsync(UserInfo user, string ns, string spec, string name = "a")
        {
            var (code, body) = await server.SendAsync(user, "POST", $"/api/v1/namespaces/{ns}/pods", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{{{{spec}}}"hostPID":true,"containers":[{"name":"c","image":"i"}]}}""");
            return code == 201 ? "" : (string)body["message"]!;
        }
    }

    [Fact]
    public async Task Nodes_are_selected_and_tolerations_given_where_a_namespace_says_nothing()
    {
        await using var server = await StartAsync(
            """
            plugins:
            - name: PodNodeSelector
              configuration: {podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: "a=b", default: "a=b,c=d"}}
            - name: PodTolerationRestriction
              configuration:
                apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1
                kind: Configuration
                default: [{key: k, operator: Exists}]
                whitelist: [{key: k, operator: Exists}]
            """);
        var root = UserInfo.Of("root", UserNames.Masters);
        var (code, pod) = await server.SendAsync(root, "POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"a"},"spec":{"nodeSelector":{"c":"d"},"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal((201, "b", "d", "k"), (code, (string?)pod["spec"]?["nodeSelector"]?["a"], (string?)pod["spec"]?["nodeSelector"]?["c"], (string?)pod["spec"]?["tolerations"]?[0]?["key"]));
        var (_, other) = await server.SendAsync(root, "POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"b"},"spec":{"nodeSelector":{"e":"f"},"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal("pods \"b\" is forbidden: pod node label selector labels conflict with its namespace whitelist", (string?)other["message"]);
        var (_, tolerant) = await server.SendAsync(root, "POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"c"},"spec":{"tolerations":[{"key":"x","operator":"Exists"}],"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal("pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist", (string?)tolerant["message"]);
    }

    [Fact]
    public void The_older_file_of_node_selectors_is_that_plugins_own()
    {
        var file = Write("selectors.yaml", "podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: a=b}");
        Assert.Contains(Plugins(new() { ConfigFile = file, Enabled = ["PodNodeSelector"] }), p => p.Name == "PodNodeSelector");
    }

    private static IReadOnlyList<IAdmissionPlugin> Plugins(AdmissionSettings settings) =>
        AdmissionPlugins.Of(new RbacAuthorizer(new ObjectTable()), new AuthorizerChain(), TimeProvider.System, settings).Plugins;

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private Task<SecuredServer> StartAsync(string plugins, params string[] disabled) => SecuredServer.StartAsync(new()
    {
        Admission = new()
        {
            ConfigFile = Write("admission.yaml", Head + plugins),
            Enabled = ["PodNodeSelector", "PodTolerationRestriction"],
            Disabled = ["ServiceAccount", "TaintNodesByCondition", "DefaultTolerationSeconds", .. disabled],
        },
    });
}
