using Kobune.ApiServer.Registry;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Claims, classes and slices of devices that are refused, each with the whole Status.</summary>
public class DeviceRuleTests
{
    private const string Claims = "resourceclaims.resource.k8s.io";
    private const string Slices = "resourceslices.resource.k8s.io";
    private const string Claim = """{"metadata":{"name":"c","namespace":"default"},"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"gpu"}}]}}}""";
    private const string Slice = """{"metadata":{"name":"s"},"spec":{"driver":"gpu.test","pool":{"name":"n","generation":1,"resourceSliceCount":1},"nodeName":"n","devices":[{"name":"a","attributes":{"size":{"int":1}}}]}}""";
    private const string Requests = "spec.devices.requests[0]";
    private const string Label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string Qualified = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string Identifier = "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
    private const string Reference = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
    private const string OneOf = "exactly one of `exactly` or `firstAvailable` is required";
    private const string Effects = "supported values: \"NoExecute\", \"NoSchedule\", \"None\"";
    private const string Device = "spec.devices[0]";
    private const string NodeOf = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

    [Theory]
    [InlineData("spec.devices.requests.0", """{"name":""}""", Requests + ".name: Invalid value: \"\": " + Label + "\n" + Requests + ": Required value: " + OneOf)]
    [InlineData("spec.devices.requests.0.firstAvailable", """[{"name":"a","deviceClassName":"g"}]""", Requests + ": Invalid value: \"null\": " + OneOf + ", but multiple fields are set")]
    [InlineData("spec.devices.requests.0", """{"name":"r","firstAvailable":[{"name":"a","deviceClassName":""},{"name":"a","deviceClassName":"G"}]}""", Requests + ".firstAvailable[0].deviceClassName: Required value\n" + Requests + ".firstAvailable[1].deviceClassName: Invalid value: \"G\": " + Subdomain + "\n" + Requests + ".firstAvailable[1]: Duplicate value: \"a\"")]
    [InlineData("spec.devices.requests.0.exactly", """{"deviceClassName":"g","allocationMode":"All","count":1}""", Requests + ".exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'")]
    [InlineData("spec.devices.requests.0.exactly.tolerations", """[{"key":"-","operator":"Exists","value":"v"},{"operator":"Equal","value":"-"},{"operator":"","effect":"None"},{"operator":"Odd","effect":"Odd"}]""", Requests + ".exactly.tolerations[0].key: Invalid value: \"-\": " + Qualified + "\n" + Requests + ".exactly.tolerations[0].value: Invalid value: \"v\": must be empty for operator `Exists`\n" + Requests + ".exactly.tolerations[1].value: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')\n" + Requests + ".exactly.tolerations[2].operator: Required value\n" + Requests + ".exactly.tolerations[3].operator: Unsupported value: \"Odd\": supported values: \"Equal\", \"Exists\"\n" + Requests + ".exactly.tolerations[3].effect: Unsupported value: \"Odd\": " + Effects)]
    [InlineData("spec.devices.constraints", """[{"requests":["R","a/b/c","r","r"]},{"matchAttribute":"1"},{"distinctAttribute":"/"}]""", "spec.devices.constraints[0].requests[0]: Invalid value: \"R\": " + Label + "\nspec.devices.constraints[0].requests[0]: Invalid value: \"R\": " + Reference + "\nspec.devices.constraints[0].requests[1]: Invalid value: \"a/b/c\": " + Reference + "\nspec.devices.constraints[0].requests[3]: Duplicate value: \"r\"\nspec.devices.constraints[0]: Required value: exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set\nspec.devices.constraints[1].matchAttribute: Invalid value: \"1\": " + Identifier + "\nspec.devices.constraints[1].matchAttribute: Invalid value: \"1\": a fully qualified name must be a domain and a name separated by a slash\nspec.devices.constraints[2].distinctAttribute: Invalid value: \"\": the domain must not be empty\nspec.devices.constraints[2].distinctAttribute: Invalid value: \"\": the name must not be empty")]
    [InlineData("spec.devices.config", """[{"opaque":{"driver":"","parameters":null}},{"opaque":{"driver":"d.test","parameters":[]}}]""", "spec.devices.config[0].opaque.driver: Required value\nspec.devices.config[0].opaque.driver: Invalid value: \"\": " + Subdomain + "\nspec.devices.config[0].opaque.parameters: Required value\nspec.devices.config[1].opaque.parameters: Invalid value: \"<value omitted>\": must be a valid JSON object")]
    public void A_claim_is_refused(string path, string value, string problems) => Creates(Claims, "ResourceClaim", With(Claim, path, value), problems);

    [Theory]
    [InlineData("spec.deviceSelector", """{"driver":"","pool":"a//b","device":"A"}""", "spec.deviceSelector.driver: Required value\nspec.deviceSelector.driver: Invalid value: \"\": " + Subdomain + "\nspec.deviceSelector.pool: Invalid value: \"\": " + Subdomain + "\nspec.deviceSelector.device: Invalid value: \"A\": " + Label)]
    [InlineData("spec.deviceSelector", """{"driver":"d.test","pool":"a/b","device":"a"}""", "")]
    [InlineData("spec.taint", """{"key":"-","value":"v","effect":"Odd"}""", "spec.taint.key: Invalid value: \"-\": " + Qualified + "\nspec.taint.effect: Unsupported value: \"Odd\": " + Effects)]
    public void A_taint_rule_is_refused(string path, string value, string problems)
    {
        const string rule = """{"metadata":{"name":"r"},"spec":{"taint":{"key":"k","effect":"NoSchedule"}}}""";
        Creates("devicetaintrules.resource.k8s.io", "DeviceTaintRule", With(rule, path, value), problems);
        Updates("devicetaintrules.resource.k8s.io", "DeviceTaintRule", rule, With(rule, path, value), problems);
    }

    /// <summary>Effects and times before and after; "now" is when it is written.</summary>
    [Theory]
    [InlineData("NoSchedule", "2001-01-01T00:00:00Z", "NoSchedule", "2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z")]
    [InlineData("NoSchedule", "2001-01-01T00:00:00Z", "NoExecute", "2001-01-01T00:00:00Z", "now")] // the effect counts from its change
    [InlineData("NoSchedule", "2001-01-01T00:00:00Z", "NoExecute", "2002-01-01T00:00:00Z", "2002-01-01T00:00:00Z")]
    [InlineData("NoSchedule", "2001-01-01T00:00:00Z", "NoSchedule", "", "now")]
    [InlineData("", "", "NoExecute", "", "now")]
    public void The_taint_of_a_rule_has_its_time(string effectBefore, string before, string effect, string given, string expected)
    {
        const string Rules = "devicetaintrules.resource.k8s.io";
        var now = ObjectTree.Rfc3339(new ManualTime().GetUtcNow());
        var written = effectBefore.Length == 0 ? Prepared(Rules, Rule(effect, given)) : Updated(Rules, Rule(effectBefore, before), Rule(effect, given));
        Assert.Equal(expected == "now" ? now : expected, (string?)written["spec"]!["taint"]!["timeAdded"]);

        static string Rule(string effect, string time) => $$$"""{"spec":{"taint":{"key":"k","effect":"{{{effect}}}"{{{(time.Length > 0 ? $",\"timeAdded\":\"{time}\"" : "")}}} } } }""";
    }

    [Fact]
    public void A_taint_rule_has_eight_conditions_at_most()
    {
        const string rule = """{"metadata":{"name":"r"},"spec":{"taint":{"key":"k","effect":"NoSchedule"}}}""";
        Updates("devicetaintrules.resource.k8s.io", "DeviceTaintRule", rule, With(rule, "status", $$"""{"conditions":[{{Conditions(8)}}]}"""), "", "status");
        Updates("devicetaintrules.resource.k8s.io", "DeviceTaintRule", rule, With(rule, "status", $$"""{"conditions":[{{Conditions(9)}}]}"""), "status.conditions: Too many: 9: must have at most 8 items", "status");

        static string Conditions(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"type":"t{{i}}","status":"True","reason":"R","message":"","lastTransitionTime":"2026-03-01T12:00:00Z"}"""));
    }

    [Fact]
    public void A_list_that_is_too_long_is_not_looked_into()
    {
        var requests = "[" + string.Join(",", Enumerable.Repeat("""{"name":"R"}""", 33)) + "]";
        Creates(Claims, "ResourceClaim", With(Claim, "spec.devices.requests", requests), "spec.devices.requests: Too many: 33: must have at most 32 items");
    }

    [Fact]
    public void What_drivers_tell_of_devices_has_to_make_sense()
    {
        const string at = "status.devices[0]";
        var told = With(Claim, "status", """{"devices":[{"driver":"D_","pool":"","device":"A","shareID":"x","conditions":[{"type":"a","status":"True","lastTransitionTime":"2026-03-01T12:00:00Z"}],"data":[],"networkData":{"ips":["10.0.0.1","10.0.0.01/24"]}}]}""");
        Updates(Claims, "ResourceClaim", Claim, told, string.Join(
            "\n",
            at + ".driver: Invalid value: \"D_\": " + Subdomain,
            at + ".pool: Required value",
            at + ".device: Invalid value: \"A\": " + Label,
            at + ".shareID: Invalid value: \"x\": error validating uid: invalid UUID length: 1",
            at + ": Invalid value: \"D_//A\": must be an allocated device in the claim",
            at + ".conditions[0].reason: Required value: must be set",
            at + ".data: Invalid value: \"<value omitted>\": must be a valid JSON object",
            at + ".networkData.ips[0]: Invalid value: \"10.0.0.1\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
            at + ".networkData.ips[1]: Invalid value: \"10.0.0.01/24\": must be in canonical form (\"10.0.0.1/24\")"), "status");
    }

    [Theory]
    [InlineData("\"0123456789abcdef0123456789ABCDEF\"", "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters")]
    [InlineData("\"0123456-89abc-def0-1234-56789abcdef0\"", "error validating uid: invalid UUID format")]
    public void A_share_has_an_identifier(string uid, string detail)
    {
        var allocated = With(Claim, "status", """{"allocation":{"devices":{"results":[{"request":"r","driver":"gpu.test","pool":"n","device":"a"}]}}}""");
        Updates(Claims, "ResourceClaim", Claim, With(allocated, "status.allocation.devices.results.0.shareID", uid), $"status.allocation.devices.results[0].shareID: Invalid value: {uid}: {detail}", "status");
    }

    [Theory]
    [InlineData("spec.pool.generation", "-1", "spec.pool.generation: Invalid value: -1: must be greater than or equal to zero")]
    [InlineData("spec.devices.0.attributes", """{"1":{"string":"x","bool":true}}""", Device + ".attributes[1]: Invalid value: \"1\": " + Identifier + "\n" + Device + ".attributes[1]: Invalid value: {\"IntValue\":null,\"BoolValue\":true,\"StringValue\":\"x\",\"VersionValue\":null,\"IntValues\":null,\"BoolValues\":null,\"StringValues\":null,\"VersionValues\":null}: exactly one value must be specified")]
    [InlineData("spec.devices.0.taints", """[{"key":"","value":"v","effect":"Odd"}]""", Device + ".taints[0].key: Invalid value: \"\": name part must be non-empty\n" + Device + ".taints[0].key: Invalid value: \"\": " + Qualified + "\n" + Device + ".taints[0].effect: Unsupported value: \"Odd\": " + Effects)]
    [InlineData("spec.devices.0.bindingConditions", """["a","a"]""", Device + ".bindingConditions[1]: Duplicate value: \"a\"\n" + Device + ".bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions")]
    [InlineData("spec.devices.0.consumesCounters", """[{"counterSet":"","counters":{}},{"counterSet":"s","counters":{"A":{"value":"1"}}}]""", Device + ".consumesCounters[0].counterSet: Required value\n" + Device + ".consumesCounters[0].counters: Required value\n" + Device + ".consumesCounters[1].counters[A]: Invalid value: \"A\": " + Label)]
    [InlineData("spec.devices.0.nodeName", "\"n\"", Device + ": Invalid value: \"null\": `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec")]
    public void A_slice_is_refused(string path, string value, string problems) => Creates(Slices, "ResourceSlice", With(Slice, path, value), problems);

    [Theory]
    [InlineData("{}", Device + ": Required value: " + NodeOf)]
    [InlineData("""{"nodeName":"","allNodes":false}""", Device + ".nodeName: Invalid value: \"\": must not be empty\n" + Device + ".allNodes: Invalid value: false: must be either unset or set to true\n" + Device + ": Required value: " + NodeOf)]
    [InlineData("""{"nodeName":"n","allNodes":true}""", Device + ": Invalid value: \"{`nodeName`, `allNodes`}\": " + NodeOf)]
    [InlineData("""{"allNodes":true}""", "")]
    public void Devices_may_be_at_nodes_of_their_own(string where, string problems)
    {
        var slice = With(With(Slice, "spec.nodeName", "-"), "spec.perDeviceNodeSelection", "true");
        Creates(Slices, "ResourceSlice", With(slice, "spec.devices.0", With(where, "name", "\"a\"")), problems);
    }

    [Theory]
    [InlineData("""{"validValues":["1"],"validRange":{"min":"1"}}""", ": Forbidden: exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time")]
    [InlineData("""{"validValues":["1"]}""", ".default: Required value: required when validValues is defined")]
    [InlineData("""{"default":"3","validValues":["2","1","9"]}""", ".validValues[1]: Invalid value: \"1\": values must be sorted in ascending order", ".validValues[2]: Invalid value: \"9\": option is larger than capacity value: 8", ".validValues: Invalid value: \"3\": default value is not valid according to the requestPolicy")]
    [InlineData("""{"validRange":{"min":"1"}}""", ".default: Required value: required when validRange is defined")]
    [InlineData("""{"default":"1","validRange":{}}""", ".validRange.min: Required value: required when validRange is defined")]
    [InlineData("""{"default":"1","validRange":{"min":"2","max":"9"}}""", ".validRange.min: Invalid value: \"1\": default is less than min: 2", ".validRange.max: Invalid value: \"9\": max is larger than capacity value: 8")]
    [InlineData("""{"default":"4","validRange":{"min":"2","max":"3","step":"4"}}""", ".validRange.max: Invalid value: \"4\": default is more than max: 3", ".validRange.step: Invalid value: \"4\": value is not a multiple of a given step (4) from (2)", ".validRange.step: Invalid value: \"3\": value is not a multiple of a given step (4) from (2)")]
    [InlineData("""{"default":"2","validRange":{"min":"2","max":"6","step":"2"}}""")]
    public void A_share_of_a_device_is_what_may_be_asked_for(string policy, params string[] problems)
    {
        var slice = With(With(Slice, "spec.devices.0.allowMultipleAllocations", "true"), "spec.devices.0.capacity", """{"m":{"value":"8"}}""");
        Creates(Slices, "ResourceSlice", With(slice, "spec.devices.0.capacity.m.requestPolicy", policy), string.Join("\n", problems.Select(p => Device + ".capacity[m].requestPolicy" + p)));
    }

    [Fact]
    public void Taints_that_stay_were_good_once()
    {
        var old = With(Slice, "spec.devices.0.taints", """[{"key":"a","effect":"Odd","timeAdded":"2026-03-01T12:00:00Z"}]""");
        Updates(Slices, "ResourceSlice", old, With(old, "spec.devices.0.attributes.size.int", "2"), "");
        Updates(Slices, "ResourceSlice", old, With(old, "spec.devices.0.taints.0.key", "\"b\""), Device + ".taints[0].effect: Unsupported value: \"Odd\": " + Effects);
    }
}
