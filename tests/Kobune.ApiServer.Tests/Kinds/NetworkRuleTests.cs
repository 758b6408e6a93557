using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Ingresses, their classes and network policies with the whole Status that refuses them.</summary>
public class NetworkRuleTests
{
    private const string Policies = "networkpolicies.networking.k8s.io";
    private const string Ingresses = "ingresses.networking.k8s.io";
    private const string Classes = "ingressclasses.networking.k8s.io";
    private const string Policy = """{"metadata":{"name":"n"},"spec":{"podSelector":{}}}""";
    private const string Ingress = """{"metadata":{"name":"i"},"spec":{"rules":[{"host":"a.example.com","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}}""";
    private const string Class = """{"metadata":{"name":"c"},"spec":{"controller":"acme.io/foo"}}""";
    private const string Range = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    private const string Item = "spec.rules.0.http.paths.0";
    private const string At = "spec.rules[0].http.paths[0]";

    [Theory]
    [InlineData("spec.ingress", """[{"ports":[{"protocol":""}]}]""", "FieldValueNotSupported spec.ingress[0].ports[0].protocol: Unsupported value: \"\": supported values: \"TCP\", \"UDP\", \"SCTP\"")]
    [InlineData("spec.ingress", """[{"ports":[{"protocol":"ICMP"}]}]""", "FieldValueNotSupported spec.ingress[0].ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"TCP\", \"UDP\", \"SCTP\"")]
    [InlineData("spec.ingress", """[{"ports":[{"port":0}]}]""", "FieldValueInvalid spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("spec.egress", """[{"ports":[{"port":20,"endPort":10}]}]""", "FieldValueInvalid spec.egress[0].ports[0].endPort: Invalid value: 20: must be greater than or equal to `port`")]
    [InlineData("spec.egress", """[{"ports":[{"port":"http","endPort":10}]}]""", "FieldValueInvalid spec.egress[0].ports[0].endPort: Invalid value: 10: may not be specified when `port` is non-numeric")]
    [InlineData("spec.egress", """[{"ports":[{"endPort":10}]}]""", "FieldValueInvalid spec.egress[0].ports[0].endPort: Invalid value: 10: may not be specified when `port` is not specified")]
    [InlineData("spec.egress", """[{"ports":[{"port":1,"endPort":70000}]}]""", "FieldValueInvalid spec.egress[0].ports[0].endPort: Invalid value: 70000: must be between 1 and 65535, inclusive")]
    [InlineData("spec.egress", """[{"to":[{}]}]""", "FieldValueRequired spec.egress[0].to[0]: Required value: must specify a peer")]
    [InlineData("spec.ingress", """[{"from":[{"podSelector":{},"ipBlock":{"cidr":"x"}}]}]""", "FieldValueInvalid spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"x\": " + Range + "\nFieldValueForbidden spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer")]
    [InlineData("spec.ingress", """[{"from":[{"ipBlock":{}}]}]""", "FieldValueRequired spec.ingress[0].from[0].ipBlock.cidr: Required value")]
    [InlineData("spec.ingress", """[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/9","10.0.0.0/8","x"]}}]}]""", "FieldValueInvalid spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"11.0.0.0/9\": must be a strict subset of `cidr`\nFieldValueInvalid spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`\nFieldValueInvalid spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: \"x\": " + Range)]
    [InlineData("spec.policyTypes", """["Ingress","Egress","Ingress"]""", "FieldValueInvalid spec.policyTypes: Invalid value: [\"Ingress\",\"Egress\",\"Ingress\"]: may not specify more than two policyTypes")]
    [InlineData("spec.policyTypes", """["Both"]""", "FieldValueNotSupported spec.policyTypes[0]: Unsupported value: \"Both\": supported values: \"Ingress\", \"Egress\"")]
    [InlineData("spec.podSelector", """{"matchExpressions":[{"key":"a","operator":"In"}]}""", "FieldValueRequired spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'")]
    public void A_network_policy_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status(Policies, "NetworkPolicy", "n", problems), RefusedCreate(Policies, "NetworkPolicy", With(Policy, path, value)));

    [Fact]
    public void Only_a_policys_own_bad_selector_lets_others_be_bad()
    {
        const string Bad = """{"matchExpressions":[{"key":"a","operator":"In","values":["b c"]}]}""";
        var own = With(Policy, "spec.podSelector", Bad);
        Assert.Equal("", Update(Policies, own, With(own, "spec.ingress", "[{\"from\":[{\"podSelector\":" + Bad + "}]}]")));
        var peer = With(Policy, "spec.ingress", "[{\"from\":[{\"podSelector\":" + Bad + "}]}]");
        Assert.StartsWith("spec.ingress[0].from[0].podSelector.matchExpressions[0].values[0]: Invalid value: \"b c\"", Update(Policies, peer, With(peer, "spec.egress", "[{}]")), StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_with_host_bits_may_stay_but_are_told_of()
    {
        var policy = With(Policy, "spec.ingress", """[{"from":[{"ipBlock":{"cidr":"10.1.2.3/8","except":["10.2.3.4/16"]}}]}]""");
        const string Beyond = "must not have bits set beyond the prefix length";
        Assert.Equal(
            Status(Policies, "NetworkPolicy", "n", "FieldValueInvalid spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"10.1.2.3/8\": " + Beyond + "\nFieldValueInvalid spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"10.2.3.4/16\": " + Beyond),
            RefusedCreate(Policies, "NetworkPolicy", policy));
        Assert.Equal("", Update(Policies, policy, With(policy, "spec.egress", """[{"to":[{"ipBlock":{"cidr":"10.2.3.4/16"}}]}]""")));
        Assert.Contains(Beyond, Update(Policies, policy, With(policy, "spec.egress", """[{"to":[{"ipBlock":{"cidr":"10.2.3.5/16"}}]}]""")), StringComparison.Ordinal);
        Assert.Equal(
            "spec.ingress[0].from[0].ipBlock.cidr: CIDR value \"10.1.2.3/8\" is ambiguous in this context (should be \"10.0.0.0/8\" or \"10.1.2.3/32\"?)\n" +
            "spec.ingress[0].from[0].ipBlock.except[0]: CIDR value \"10.2.3.4/16\" is ambiguous in this context (should be \"10.2.0.0/16\" or \"10.2.3.4/32\"?)",
            WarningsOfCreate(Policies, policy));
    }

    [Theory]
    [InlineData("spec", "{}", "FieldValueInvalid spec: Invalid value: null: either `defaultBackend` or `rules` must be specified")]
    [InlineData("spec.defaultBackend", "{}", "FieldValueInvalid spec.defaultBackend: Invalid value: \"\": resource or service backend is required")]
    [InlineData("spec.rules.0.host", "\"10.0.0.1\"", "FieldValueInvalid spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address")]
    [InlineData("spec.rules.0.http.paths", "[]", "FieldValueRequired spec.rules[0].http.paths: Required value")]
    [InlineData(Item + ".pathType", "-", "FieldValueRequired " + At + ".pathType: Required value: pathType must be specified")]
    [InlineData(Item + ".pathType", "\"Some\"", "FieldValueNotSupported " + At + ".pathType: Unsupported value: \"Some\": supported values: \"Exact\", \"ImplementationSpecific\", \"Prefix\"")]
    [InlineData(Item + ".path", "\"a\"", "FieldValueInvalid " + At + ".path: Invalid value: \"a\": must be an absolute path")]
    [InlineData(Item + ".path", "\"/a//b\"", "FieldValueInvalid " + At + ".path: Invalid value: \"/a//b\": must not contain '//'")]
    [InlineData(Item + ".path", "\"/a/..\"", "FieldValueInvalid " + At + ".path: Invalid value: \"/a/..\": cannot end with '/..'")]
    [InlineData(Item + ".path", "\"/a/.\"", "FieldValueInvalid " + At + ".path: Invalid value: \"/a/.\": cannot end with '/.'")]
    [InlineData(Item + ".backend", """{"service":{"name":"s","port":{"number":80}},"resource":{"kind":"K","name":"n"}}""", "FieldValueInvalid " + At + ".backend: Invalid value: \"\": cannot set both resource and service backends")]
    [InlineData(Item + ".backend", """{"service":{"port":{"number":80}}}""", "FieldValueRequired " + At + ".backend.service.name: Required value")]
    [InlineData(Item + ".backend", """{"service":{"name":"s"}}""", "FieldValueRequired " + At + ".backend: Required value: port name or number is required")]
    [InlineData(Item + ".backend", """{"service":{"name":"s","port":{"number":80,"name":"a"}}}""", "FieldValueInvalid " + At + ".backend: Invalid value: \"\": cannot set both port name & port number")]
    [InlineData(Item + ".backend", """{"service":{"name":"s","port":{"number":-1}}}""", "FieldValueInvalid " + At + ".backend.service.port.number: Invalid value: -1: must be between 1 and 65535, inclusive")]
    [InlineData(Item + ".backend", """{"resource":{"kind":"a/b","name":""}}""", "FieldValueInvalid " + At + ".backend.resource.kind: Invalid value: \"a/b\": may not contain '/'\nFieldValueRequired " + At + ".backend.resource.name: Required value: name is required")]
    [InlineData("spec.ingressClassName", "\"c\"", "FieldValueInvalid annotations.kubernetes.io/ingress.class: Invalid value: \"other\": must match `ingressClassName` when both are specified")]
    public void An_ingress_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status(Ingresses, "Ingress", "i", problems), RefusedCreate(Ingresses, "Ingress", With(With(Ingress, "metadata.annotations", """{"kubernetes.io/ingress.class":"other"}"""), path, value)));

    [Theory]
    [InlineData("spec.rules.0.host", "\"1\"")]
    [InlineData("spec.rules.0.host", "\"*.example.com\"")]
    [InlineData(Item + ".path", "\"/a.b/..c\"")]
    public void An_ingress_is_good(string path, string value) => Assert.Equal("", Create(Ingresses, With(Ingress, path, value)));

    [Fact]
    public void Secrets_and_wildcards_from_before_the_rules_may_stay()
    {
        var secret = With(Ingress, "spec.tls", """[{"hosts":["a"],"secretName":"A_b"}]""");
        Assert.Contains("spec.tls[0].secretName: Invalid value: \"A_b\"", Create(Ingresses, secret), StringComparison.Ordinal);
        Assert.Equal("", Update(Ingresses, secret, With(secret, "spec.ingressClassName", "\"c\"")));
        var wildcard = With(With(Ingress, "spec.rules.0.host", "\"*.a\""), Item + ".path", "\"a\"");
        Assert.NotEqual("", Create(Ingresses, wildcard));
        Assert.Equal("", Update(Ingresses, wildcard, With(wildcard, "spec.ingressClassName", "\"c\"")));
    }

    [Theory]
    [InlineData("""{"ip":"x"}""", "FieldValueInvalid status.loadBalancer.ingress[0].ip: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("""{"hostname":"1.2.3.4"}""", "FieldValueInvalid status.loadBalancer.ingress[0].hostname: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address")]
    public void An_ingress_status_is_refused(string point, string problems) =>
        Assert.Equal(Status(Ingresses, "Ingress", "i", problems), RefusedUpdate(Ingresses, "Ingress", Ingress, With(Ingress, "status", "{\"loadBalancer\":{\"ingress\":[" + point + "]}}"), "status"));

    [Theory]
    [InlineData("spec.controller", "\"\"", "FieldValueRequired spec.controller: Required value")]
    [InlineData("spec.controller", "\"acme.io\"", "FieldValueInvalid spec.controller: Invalid value: \"acme.io\": must be a domain-prefixed path (such as \"acme.io/foo\")")]
    [InlineData("spec.parameters", """{"name":"n","scope":"Namespace"}""", "FieldValueRequired spec.parameters.kind: Required value: kind is required\nFieldValueRequired spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'")]
    [InlineData("spec.parameters", """{"kind":"K","name":"n","namespace":"x"}""", "FieldValueForbidden spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'")]
    [InlineData("spec.parameters", """{"kind":"K","name":"n","scope":""}""", "FieldValueNotSupported spec.parameters.scope: Unsupported value: \"\": supported values: \"Cluster\", \"Namespace\"")]
    [InlineData("spec.parameters", """{"kind":"K","name":"n","scope":"World"}""", "FieldValueNotSupported spec.parameters.scope: Unsupported value: \"World\": supported values: \"Cluster\", \"Namespace\"")]
    public void An_ingress_class_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status(Classes, "IngressClass", "c", problems), RefusedCreate(Classes, "IngressClass", With(Class, path, value)));

    [Fact]
    public void An_ingress_class_keeps_its_controller() => Assert.Equal(
        Status(Classes, "IngressClass", "c", "FieldValueInvalid spec.controller: Invalid value: \"acme.io/bar\": field is immutable"),
        RefusedUpdate(Classes, "IngressClass", Class, With(Class, "spec.controller", "\"acme.io/bar\"")));
}
