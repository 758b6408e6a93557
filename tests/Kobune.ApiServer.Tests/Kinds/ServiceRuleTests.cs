using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>One rejected Service a rule, with the whole Status that says so.</summary>
public class ServiceRuleTests
{
    private const string Service = """{"metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}""";
    private const string Balanced = """{"metadata":{"name":"web"},"spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local","healthCheckNodePort":30000,"loadBalancerClass":"example.com/a","ports":[{"port":80}]}}""";
    private const string Cidr = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

    public static TheoryData<string, string, string> Creates => new()
    {
        { "spec.externalIPs", """["127.0.0.1"]""", "FieldValueInvalid spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)" },
        { "spec.externalIPs", """["one"]""", "FieldValueInvalid spec.externalIPs[0]: Invalid value: \"one\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)" },
        { "spec.loadBalancerSourceRanges", """["10.0.0.0/8"]""", "FieldValueForbidden spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'" },
        { "spec", """{"type":"LoadBalancer","loadBalancerSourceRanges":[" 10.0.0.0/8 ","10.0.0.0"],"ports":[{"port":80}]}""", $"FieldValueInvalid spec.LoadBalancerSourceRanges[1]: Invalid value: \"10.0.0.0\": {Cidr}" },
        { "spec", """{"type":"LoadBalancer","loadBalancerClass":"a b","ports":[{"port":80}]}""", "FieldValueInvalid spec.loadBalancerClass: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')" },
        { "spec", """{"type":"LoadBalancer","ports":[{"name":"a","port":80},{"name":"b","port":10250}]}""", "FieldValueInvalid spec.ports[1]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet" },
        { "spec.loadBalancerClass", "\"a\"", "FieldValueForbidden spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'" },
        { "spec.allocateLoadBalancerNodePorts", "true", "FieldValueForbidden spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'" },
        { "spec.ports", """[{"port":80,"nodePort":30000}]""", "FieldValueForbidden spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'" },
        { "spec", """{"type":"NodePort","ports":[{"name":"a","port":80,"nodePort":30000},{"name":"b","port":81,"nodePort":30000}]}""", "FieldValueDuplicate spec.ports[1].nodePort: Duplicate value: 30000" },
        { "spec.trafficDistribution", "\"\"", "FieldValueNotSupported spec.trafficDistribution: Unsupported value: \"\": supported values: \"PreferClose\", \"PreferSameZone\", \"PreferSameNode\"" },
        { "spec.ipFamilyPolicy", "\"\"", "FieldValueNotSupported spec.ipFamilyPolicy: Unsupported value: \"\": supported values: \"PreferDualStack\", \"RequireDualStack\", \"SingleStack\"" },
        { "spec.trafficDistribution", "\"Near\"", "FieldValueNotSupported spec.trafficDistribution: Unsupported value: \"Near\": supported values: \"PreferClose\", \"PreferSameZone\", \"PreferSameNode\"" },
        { "metadata.annotations", """{"service.kubernetes.io/topology-mode":"a","service.kubernetes.io/topology-aware-hints":"b"}""", "FieldValueInvalid metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: \"a\": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified" },
        { "metadata.annotations", """{"service.beta.kubernetes.io/load-balancer-source-ranges":"10.0.0.0/40"}""", $"FieldValueForbidden metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Forbidden: may only be used when `type` is 'LoadBalancer'\nFieldValueInvalid metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: \"10.0.0.0/40\": {Cidr}" },
    };

    private const string Class = "FieldValueInvalid spec.loadBalancerClass: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    public static TheoryData<string, string, string, string> Changes => new()
    {
        { "", "spec.loadBalancerClass", "\"example.com/b\"", "FieldValueInvalid spec.loadBalancerClass: Invalid value: \"example.com/b\": may not change once set" },
        { "", "spec.loadBalancerClass", "\"-\"", "FieldValueInvalid spec.loadBalancerClass: Invalid value: \"-\": may not change once set\n" + Class + "\n" + Class }, // upstream looks at it twice
        { "", "spec.healthCheckNodePort", "30001", "FieldValueForbidden spec.healthCheckNodePort: Forbidden: field is immutable" },
        { "status", "status", """{"loadBalancer":{"ingress":[{"ip":"one","ipMode":"VIP"}]}}""", "FieldValueInvalid status.loadBalancer.ingress[0].ip: Invalid value: \"one\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)" },
        { "status", "status", """{"loadBalancer":{"ingress":[{"hostname":"h","ipMode":"VIP"}]}}""", "FieldValueForbidden status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set" },
        { "status", "status", """{"loadBalancer":{"ingress":[{"ip":"1.1.1.1","ipMode":"Far"}]}}""", "FieldValueNotSupported status.loadBalancer.ingress[0].ipMode: Unsupported value: \"Far\": supported values: \"Proxy\", \"VIP\"" },
        { "status", "status", """{"loadBalancer":{"ingress":[{"hostname":"1.1.1.1"}]}}""", "FieldValueInvalid status.loadBalancer.ingress[0].hostname: Invalid value: \"1.1.1.1\": must be a DNS name, not an IP address" },
    };

    [Theory, MemberData(nameof(Creates))]
    public void A_service_is_refused(string path, string value, string problems) => Assert.Equal(Status("services", "Service", "web", problems), RefusedCreate("services", "Service", With(Service, path, value)));

    [Theory, MemberData(nameof(Changes))]
    public void A_change_of_a_service_is_refused(string subresource, string path, string value, string problems) =>
        Assert.Equal(Status("services", "Service", "web", problems), RefusedUpdate("services", "Service", Balanced, With(Balanced, path, value), subresource));

    [Fact]
    public void Only_a_balanced_service_is_told_where_it_is() => Assert.Equal(
        Status("services", "Service", "web", "FieldValueForbidden status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"),
        RefusedUpdate("services", "Service", Service, With(Service, "status", """{"loadBalancer":{"ingress":[{"ip":"1.1.1.1"}]}}"""), "status"));
}
