using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Scheduler.Devices;
using static Kobune.Scheduler.Tests.Allocation.Gpus;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;

namespace Kobune.Scheduler.Tests.Allocation;

/// <summary>Which devices rules taint.</summary>
public class DeviceTaintRuleTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("{}", "a b")]
    [InlineData("{\"driver\":\"gpu.test\"}", "a b")]
    [InlineData("{\"driver\":\"other\"}", "")]
    [InlineData("{\"pool\":\"n\",\"device\":\"b\"}", "b")]
    [InlineData("{\"pool\":\"m\",\"device\":\"b\"}", "")]
    [InlineData("{\"driver\":\"gpu.test\",\"device\":\"c\"}", "")]
    public void All_that_a_selector_says_must_hold(string? selector, string tainted)
    {
        var slice = Slice("n", Device("a", "\"taints\":[{\"key\":\"own\",\"effect\":\"NoSchedule\"}]"), Device("b"));
        var changed = DeviceTaintRules.Apply(slice, [Rule(selector)]);
        Assert.Equal(tainted, string.Join(' ', changed.Spec.Devices.Where(d => d.Taints.Any(t => t is { Key: "k", Value: "v", Effect: "NoExecute" })).Select(d => d.Name)));
        Assert.Equal("own", changed.Spec.Devices[0].Taints[0].Key);
        Assert.Equal(tainted.Length == 0, ReferenceEquals(slice, changed));
    }

    [Fact]
    public void A_tainted_device_is_given_to_who_tolerates_that()
    {
        var slices = new TaintedSlices(new ListCache<ResourceSlice>(Slice("n", Device("a"))), new ListCache<DeviceTaintRule>(Rule("{}"))).List();
        Assert.Null(Allocate([Claim("c")], slices));
        Assert.Equal("c:r=a", Allocate([Claim("c", "\"tolerations\":[{\"key\":\"k\",\"operator\":\"Exists\"}]")], slices));
        Assert.Equal("c:r=a", Allocate([Claim("c")], new TaintedSlices(new ListCache<ResourceSlice>(Slice("n", Device("a"))), null).List()));
    }

    private static DeviceTaintRule Rule(string? selector) =>
        Read<DeviceTaintRule>($$"""{"metadata":{"name":"r"},"spec":{{{(selector is null ? "" : $"\"deviceSelector\":{selector},")}}"taint":{"key":"k","value":"v","effect":"NoExecute"} } }""");
}
