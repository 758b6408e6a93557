using Kobune.Cel;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Small kinds of the core and their neighbours that are refused, each with the whole Status.</summary>
public class CoreRuleTests
{
    private const string Key = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
    private const string Qualified = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string Label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string Sealed = "field is immutable when `immutable` is set";
    private const string Redacted = "\"<secret contents redacted>\": ";
    private const string Subset = """{"metadata":{"name":"e"},"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80}]}]}""";
    private const string Address = "subsets[0].addresses[0].ip: Invalid value: ";
    private const string ApiService = """{"metadata":{"name":"v1.g.test"},"spec":{"group":"g.test","version":"v1","groupPriorityMinimum":1,"versionPriority":1,"service":{"name":"s","namespace":"n"}}}""";
    private const string IPAddress = """{"metadata":{"name":"10.0.0.1"},"spec":{"parentRef":{"resource":"services","name":"s","namespace":"n"}}}""";

    [Theory]
    [InlineData("""{"data":{"a b":"eA=="}}""", "data[a b]: Invalid value: \"a b\": " + Key)]
    [InlineData("""{"type":"kubernetes.io/service-account-token"}""", "metadata.annotations[kubernetes.io/service-account.name]: Required value")]
    [InlineData("""{"type":"kubernetes.io/dockercfg"}""", "data[.dockercfg]: Required value")]
    [InlineData("""{"type":"kubernetes.io/dockercfg","stringData":{".dockercfg":"{"}}""", "data[.dockercfg]: Invalid value: " + Redacted + "unexpected end of JSON input")]
    [InlineData("""{"type":"kubernetes.io/dockercfg","stringData":{".dockercfg":"null"}}""", "")]
    [InlineData("""{"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"[]"}}""", "data[.dockerconfigjson]: Invalid value: " + Redacted + "json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData("""{"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"{a}"}}""", "data[.dockerconfigjson]: Invalid value: " + Redacted + "invalid character 'a' looking for beginning of object key string")]
    [InlineData("""{"type":"kubernetes.io/basic-auth"}""", "data[username]: Required value\ndata[password]: Required value")]
    [InlineData("""{"type":"kubernetes.io/basic-auth","data":{"password":""}}""", "")]
    [InlineData("""{"type":"kubernetes.io/ssh-auth","data":{"ssh-privatekey":""}}""", "data[ssh-privatekey]: Required value")]
    [InlineData("""{"type":"kubernetes.io/tls","data":{"tls.crt":""}}""", "data[tls.key]: Required value")]
    public void A_secret_is_refused(string secret, string problems) => Creates("secrets", "Secret", With(secret, "metadata", """{"name":"s"}"""), problems);

    [Fact]
    public void Large_secrets_and_maps_are_refused()
    {
        var text = new string('x', (1024 * 1024) + 1);
        Creates("secrets", "Secret", $$$"""{"metadata":{"name":"s"},"stringData":{"a":"{{{text}}}"}}""", "data: Too long: may not be more than 1048576 bytes");
        Creates("configmaps", "ConfigMap", $$$"""{"metadata":{"name":"s"},"data":{"a":"{{{text}}}"}}""", "[]: Too long: may not be more than 1048576 bytes");
    }

    [Theory]
    [InlineData("secrets", "Secret", """{"type":"a/b"}""", """{"type":"c/d"}""", "type: Invalid value: \"c/d\": field is immutable")]
    [InlineData("secrets", "Secret", """{"immutable":true,"data":{"a":"eA=="}}""", """{"data":{"a":"eQ=="}}""", "immutable: Forbidden: " + Sealed + "\ndata: Forbidden: " + Sealed)]
    [InlineData("configmaps", "ConfigMap", """{"immutable":true}""", """{"data":{"a":"b"},"binaryData":{"c":"eA=="}}""", "immutable: Forbidden: " + Sealed + "\ndata: Forbidden: " + Sealed + "\nbinaryData: Forbidden: " + Sealed)]
    [InlineData("configmaps", "ConfigMap", "{}", """{"data":{"a b":"x"},"binaryData":{"..":"eA=="}}""", "data[a b]: Invalid value: \"a b\": " + Key + "\nbinaryData[..]: Invalid value: \"..\": must not be '..'")]
    public void A_sealed_one_is_kept(string resource, string kind, string old, string now, string problems) =>
        Updates(resource, kind, With(old, "metadata", """{"name":"s"}"""), With(now, "metadata", """{"name":"s"}"""), problems);

    [Theory]
    [InlineData("", """{"spec":{"finalizers":["x"]}}""", "")]
    [InlineData("finalize", """{"spec":{"finalizers":["kubernetes","a.test/b","x","-/y"]}}""", "spec.finalizers[2]: Invalid value: \"x\": name is neither a standard finalizer name nor is it fully qualified\nspec.finalizers[3]: Invalid value: \"-/y\": prefix part " + Subdomain)]
    [InlineData("status", """{"status":{"phase":"Odd"}}""", "status.Phase: Invalid value: \"Odd\": may only be 'Active' if `deletionTimestamp` is empty")]
    [InlineData("status", """{"status":{"phase":"Active"}}""", "")]
    [InlineData("status", """{"metadata":{"name":"n","deletionTimestamp":"2026-03-01T12:00:00Z"},"status":{"phase":"Active"}}""", "status.Phase: Invalid value: \"Active\": may only be 'Terminating' if `deletionTimestamp` is not empty")]
    public void A_change_of_a_namespace_is_refused(string subresource, string now, string problems) =>
        Updates("namespaces", "Namespace", """{"metadata":{"name":"n"}}""", now.Contains("metadata", StringComparison.Ordinal) ? now : With(now, "metadata", """{"name":"n"}"""), problems, subresource);

    [Fact]
    public void A_new_namespace_has_known_finalizers() =>
        Creates("namespaces", "Namespace", """{"metadata":{"name":"n"},"spec":{"finalizers":["x"]}}""", "spec.finalizers: Invalid value: \"x\": name is neither a standard finalizer name nor is it fully qualified");

    [Theory]
    [InlineData("subsets.0.addresses", "[]", "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`")]
    [InlineData("subsets.0.addresses.0.ip", "\"x\"", Address + "\"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)\n" + Address + "\"x\": must be a valid IP address")]
    [InlineData("subsets.0.addresses.0.ip", "\"10.0.0.01\"", Address + "\"10.0.0.01\": must not have leading 0s")]
    [InlineData("subsets.0.addresses.0.ip", "\"::ffff:10.0.0.1\"", Address + "\"::ffff:10.0.0.1\": must not be an IPv4-mapped IPv6 address")]
    [InlineData("subsets.0.addresses.0.ip", "\"0.0.0.0\"", Address + "\"0.0.0.0\": may not be unspecified (0.0.0.0)")]
    [InlineData("subsets.0.addresses.0.ip", "\"::1\"", Address + "\"::1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("subsets.0.addresses.0.ip", "\"169.254.1.1\"", Address + "\"169.254.1.1\": may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    [InlineData("subsets.0.addresses.0.ip", "\"224.0.0.1\"", Address + "\"224.0.0.1\": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")]
    [InlineData("subsets.0.addresses.0.ip", "\"ff02::1\"", Address + "\"ff02::1\": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")]
    [InlineData("subsets.0.addresses.0.hostname", "\"a.b\"", "subsets[0].addresses[0].hostname: Invalid value: \"a.b\": must not contain dots")]
    [InlineData("subsets.0.addresses.0.nodeName", "\"A\"", "subsets[0].addresses[0].nodeName: Invalid value: \"A\": " + Subdomain)]
    [InlineData("subsets.0.ports", """[{"port":80},{"name":"A","port":0,"protocol":"Odd","appProtocol":"-"}]""", "subsets[0].ports[0].name: Required value\nsubsets[0].ports[1].name: Invalid value: \"A\": " + Label + "\nsubsets[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive\nsubsets[0].ports[1].protocol: Unsupported value: \"Odd\": supported values: \"SCTP\", \"TCP\", \"UDP\"\nsubsets[0].ports[1].appProtocol: Invalid value: \"-\": " + Qualified)]
    public void Endpoints_are_refused(string path, string value, string problems)
    {
        var odd = With(Subset, path, value);
        Creates("endpoints", "Endpoints", odd, problems);
        Updates("endpoints", "Endpoints", Subset, odd, problems);
        Updates("endpoints", "Endpoints", odd, With(odd, "metadata.labels", """{"a":"b"}"""), "");
    }

    [Fact]
    public void Addresses_that_a_slice_had_stay_as_they_were_written()
    {
        const string slice = """{"metadata":{"name":"s"},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.01"]}]}""";
        Creates("endpointslices.discovery.k8s.io", "EndpointSlice", slice, "endpoints[0].addresses[0]: Invalid value: \"10.0.0.01\": must not have leading 0s");
        Updates("endpointslices.discovery.k8s.io", "EndpointSlice", slice, With(slice, "endpoints.0.nodeName", "\"n\""), "");
    }

    [Theory]
    [InlineData("leaseDurationSeconds", "0", "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")]
    [InlineData("leaseTransitions", "-1", "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("strategy", "\"Odd\"", "spec.strategy.strategy: Unsupported value: \"Odd\": supported values: \"OldestEmulationVersion\"")]
    [InlineData("strategy", "\"a.test/-\"", "spec.strategy.strategy: Invalid value: \"a.test/-\": " + Qualified)]
    [InlineData("preferredHolder", "\"h\"", "spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined")]
    public void A_lease_is_refused(string field, string value, string problems)
    {
        const string lease = """{"metadata":{"name":"l"},"spec":{}}""";
        Creates("leases.coordination.k8s.io", "Lease", With(lease, "spec." + field, value), problems);
        Updates("leases.coordination.k8s.io", "Lease", lease, With(lease, "spec." + field, value), problems);
    }

    [Theory]
    [InlineData("leaseName", "\"\"", "spec.leaseName: Required value")]
    [InlineData("emulationVersion", "\"1\"", "spec.emulationVersion: Invalid value: \"1\": must be a valid semantic version\nspec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'")]
    [InlineData("emulationVersion", "\"\"", "spec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'")]
    [InlineData("emulationVersion", "\"1.37.0\"", "spec.binaryVersion: Invalid value: \"1.36.0\": must be greater than or equal to `emulationVersion`")]
    [InlineData("emulationVersion", "\"1.36.0-rc.1\"", "")]
    [InlineData("binaryVersion", "\"1.36.0-rc.1\"", "spec.binaryVersion: Invalid value: \"1.36.0-rc.1\": must be greater than or equal to `emulationVersion`")]
    [InlineData("binaryVersion", "\"\"", "spec.binaryVersion: Required value")]
    [InlineData("binaryVersion", "\"1.036.0\"", "spec.binaryVersion: Invalid value: \"1.036.0\": must be a valid semantic version\nspec.binaryVersion: Invalid value: \"1.036.0\": must be greater than or equal to `emulationVersion`")]
    [InlineData("strategy", "\"\"", "spec.strategy: Required value")]
    [InlineData("strategy", "\"Odd\"", "spec.strategy.strategy: Unsupported value: \"Odd\": supported values: \"OldestEmulationVersion\"")]
    [InlineData("strategy", "\"a.test/mine\"", "")]
    public void A_lease_candidate_is_refused(string field, string value, string problems)
    {
        const string candidate = """{"metadata":{"name":"l"},"spec":{"leaseName":"l","binaryVersion":"1.36.0","emulationVersion":"1.36.0","strategy":"OldestEmulationVersion"}}""";
        Creates("leasecandidates.coordination.k8s.io", "LeaseCandidate", With(candidate, "spec." + field, value), problems);
        if (field != "leaseName")
        {
            Updates("leasecandidates.coordination.k8s.io", "LeaseCandidate", candidate, With(candidate, "spec." + field, value), problems);
        }
    }

    [Fact]
    public void A_lease_candidate_stays_with_its_lease()
    {
        const string candidate = """{"metadata":{"name":"l"},"spec":{"leaseName":"l","binaryVersion":"1.36.0","strategy":"a.test/mine"}}""";
        Updates("leasecandidates.coordination.k8s.io", "LeaseCandidate", candidate, With(candidate, "spec.leaseName", "\"m\""), "spec.leaseName: Invalid value: \"m\": field is immutable");
    }

    [Theory]
    [InlineData("1.2.3", "1.2.3+build.5", 0)]
    [InlineData("1.2.3", "1.2.4", -1)]
    [InlineData("1.10.0", "1.9.9", 1)]
    [InlineData("1.0.0-alpha", "1.0.0", -1)]
    [InlineData("1.0.0-alpha", "1.0.0-alpha.1", -1)]
    [InlineData("1.0.0-alpha.2", "1.0.0-alpha.10", -1)]
    [InlineData("1.0.0-alpha.beta", "1.0.0-alpha.1", 1)]
    [InlineData("1.0.0-beta", "1.0.0-alpha.1", 1)]
    public void Versions_have_an_order(string one, string two, int order) =>
        Assert.Equal((order, -order), (Math.Sign(SemanticVersion.Parse(one)!.CompareTo(SemanticVersion.Parse(two)!)), Math.Sign(SemanticVersion.Parse(two)!.CompareTo(SemanticVersion.Parse(one)!))));

    [Theory]
    [InlineData("metadata.name", "\"\"", "")] // told with all metadata
    [InlineData("metadata.name", "\"v1.h\"", "metadata.name: Invalid value: \"v1.h\": must be `spec.version+\".\"+spec.group`: \"v1.g.test\"")]
    [InlineData("spec.group", "\"\"", "metadata.name: Invalid value: \"v1.g.test\": must be `spec.version+\".\"+spec.group`: \"v1.\"")]
    [InlineData("spec.group", "\"G\"", "metadata.name: Invalid value: \"v1.g.test\": must be `spec.version+\".\"+spec.group`: \"v1.G\"\nspec.group: Invalid value: \"G\": " + Subdomain)]
    [InlineData("spec.groupPriorityMinimum", "20001", "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000")]
    [InlineData("spec.versionPriority", "0", "spec.versionPriority: Invalid value: 0: must be positive and less than 1000")]
    [InlineData("spec.service", "{}", "spec.service.namespace: Required value\nspec.service.name: Required value")]
    [InlineData("spec.service.port", "70000", "spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive")]
    public void An_api_service_is_refused(string path, string value, string problems)
    {
        Creates("apiservices.apiregistration.k8s.io", "APIService", With(ApiService, path, value), problems);
        Updates("apiservices.apiregistration.k8s.io", "APIService", ApiService, With(ApiService, path, value), problems);
    }

    [Fact]
    public void Api_services_of_this_server_trust_nobody_and_a_status_is_true_false_or_unknown()
    {
        const string kind = "apiservices.apiregistration.k8s.io";
        var local = With(With(With(ApiService, "spec.service", "-"), "spec.caBundle", "\"eHl6\""), "spec.insecureSkipTLSVerify", "true");
        Creates(kind, "APIService", local, "spec.caBundle: Invalid value: \"3 bytes\": local APIServices may not have a caBundle\nspec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify");
        Creates(kind, "APIService", With(With(ApiService, "spec.caBundle", "\"eHl6\""), "spec.insecureSkipTLSVerify", "true"), "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present");
        Creates(kind, "APIService", With(With(With(ApiService, "spec.group", "\"\""), "spec.version", "\"v2\""), "metadata.name", "\"v2.\""), "spec.group: Required value: only v1 may have an empty group and it better be legacy kube");
        Updates(kind, "APIService", ApiService, With(ApiService, "status", """{"conditions":[{"type":"Available","status":"Odd"}]}"""), "status.conditions[0].status: Unsupported value: \"Odd\": supported values: \"True\", \"False\", \"Unknown\"", "status");
    }

    [Theory]
    [InlineData("metadata.name", "\"x\"", "metadata.name: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("metadata.name", "\"10.0.0.01\"", "metadata.name: Invalid value: \"10.0.0.01\": must not have leading 0s")]
    [InlineData("metadata.name", "\"::ffff:10.0.0.1\"", "metadata.name: Invalid value: \"::ffff:10.0.0.1\": must not be an IPv4-mapped IPv6 address")]
    [InlineData("metadata.name", "\"2001:DB8::1\"", "metadata.name: Invalid value: \"2001:DB8::1\": must be in canonical form (\"2001:db8::1\")")]
    [InlineData("spec.parentRef", "-", "spec.parentRef: Required value")]
    [InlineData("spec.parentRef", """{"group":"G","namespace":"a/b"}""", "spec.parentRef.group: Invalid value: \"G\": " + Subdomain + "\nspec.parentRef.resource: Required value\nspec.parentRef.name: Required value\nspec.parentRef.namespace: Invalid value: \"a/b\": may not contain '/'")]
    [InlineData("spec.parentRef", """{"resource":"a/b","name":".."}""", "spec.parentRef.resource: Invalid value: \"a/b\": may not contain '/'\nspec.parentRef.name: Invalid value: \"..\": may not be '..'")]
    public void An_address_is_refused(string path, string value, string problems) => Creates("ipaddresses.networking.k8s.io", "IPAddress", With(IPAddress, path, value), problems);

    [Fact]
    public void An_address_stays_with_its_owner() =>
        Updates("ipaddresses.networking.k8s.io", "IPAddress", IPAddress, With(IPAddress, "spec.parentRef.name", "\"t\""), "spec.parentRef: Invalid value: {\"Group\":\"\",\"Resource\":\"services\",\"Namespace\":\"n\",\"Name\":\"t\"}: field is immutable");

    [Theory]
    [InlineData("[]", "spec.cidrs: Required value: at least one CIDR required")]
    [InlineData("""["10.0.0.0/24","fd00::/64","10.1.0.0/24"]""", "spec.cidrs: Invalid value: {\"CIDRs\":[\"10.0.0.0/24\",\"fd00::/64\",\"10.1.0.0/24\"]}: may only hold up to 2 values")]
    [InlineData("""["10.0.0.0/24","10.1.0.0/24"]""", "spec.cidrs: Invalid value: {\"CIDRs\":[\"10.0.0.0/24\",\"10.1.0.0/24\"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64")]
    [InlineData("""["x"]""", "spec.cidrs[0]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    [InlineData("""["10.0.00.0/24"]""", "spec.cidrs[0]: Invalid value: \"10.0.00.0/24\": must not have leading 0s in IP or prefix length")]
    [InlineData("""["10.0.0.0/08"]""", "spec.cidrs[0]: Invalid value: \"10.0.0.0/08\": must not have leading 0s in IP or prefix length")]
    [InlineData("""["::ffff:10.0.0.0/112"]""", "spec.cidrs[0]: Invalid value: \"::ffff:10.0.0.0/112\": must not have an IPv4-mapped IPv6 address")]
    [InlineData("""["10.0.0.1/24"]""", "spec.cidrs[0]: Invalid value: \"10.0.0.1/24\": must not have bits set beyond the prefix length")]
    [InlineData("""["FD00::/64"]""", "spec.cidrs[0]: Invalid value: \"FD00::/64\": must be in canonical form (\"fd00::/64\")")]
    public void A_service_range_is_refused(string ranges, string problems) => Creates("servicecidrs.networking.k8s.io", "ServiceCIDR", $$$"""{"metadata":{"name":"r"},"spec":{"cidrs":{{{ranges}}}}}""", problems);

    [Theory]
    [InlineData("""["10.1.0.0/24"]""", "spec.cidrs[0]: Invalid value: \"10.1.0.0/24\": field is immutable")]
    [InlineData("""["10.0.0.0/24","fd00::/64"]""", "")]
    [InlineData("[]", "spec.cidrs: Invalid value: []: field is immutable")]
    public void A_service_range_stays(string ranges, string problems) =>
        Updates("servicecidrs.networking.k8s.io", "ServiceCIDR", """{"metadata":{"name":"r"},"spec":{"cidrs":["10.0.0.0/24"]}}""", $$$"""{"metadata":{"name":"r"},"spec":{"cidrs":{{{ranges}}}}}""", problems);
}
