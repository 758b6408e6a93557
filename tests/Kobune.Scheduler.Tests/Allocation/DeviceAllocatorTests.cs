using Kobune.Api;
using Kobune.Api.Resource.V1;
using Kobune.Scheduler.Devices;
using static Kobune.Scheduler.Tests.Allocation.Gpus;

namespace Kobune.Scheduler.Tests.Allocation;

/// <summary>Which devices claims get.</summary>
public class DeviceAllocatorTests
{
    private const string Big = "\"attributes\":{\"size\":{\"int\":2},\"model\":{\"string\":\"big\"}},\"capacity\":{\"memory\":{\"value\":\"40Gi\"}}";
    private const string Small = "\"attributes\":{\"size\":{\"int\":1},\"model\":{\"string\":\"small\"}},\"capacity\":{\"memory\":{\"value\":\"10Gi\"}}";
    private static readonly ResourceSlice[] Two = [Slice("n", Device("a", Small), Device("b", Big))];

    [Theory]
    [InlineData("", "c:r=a")]
    [InlineData("\"count\":2", "c:r=a c:r=b")]
    [InlineData("\"count\":3", null)]
    [InlineData("\"allocationMode\":\"All\"", "c:r=a c:r=b")]
    [InlineData("\"selectors\":[{\"cel\":{\"expression\":\"device.attributes['gpu.test'].size > 1\"}}]", "c:r=b")]
    [InlineData("\"selectors\":[{\"cel\":{\"expression\":\"device.capacity['gpu.test'].memory.compareTo(quantity('20Gi')) < 0\"}}]", "c:r=a")]
    [InlineData("\"selectors\":[{\"cel\":{\"expression\":\"'other.test' in device.attributes\"}}]", null)]
    [InlineData("\"selectors\":[{\"cel\":{\"expression\":\"has(device.attributes['other.test'].size)\"}}]", null)]
    [InlineData("\"allocationMode\":\"All\",\"selectors\":[{\"cel\":{\"expression\":\"device.driver == 'other'\"}}]", null)]
    [InlineData("\"capacity\":{\"requests\":{\"memory\":\"20Gi\"}}", "c:r=b")]
    public void A_request_gets_the_first_devices_that_are_what_it_means(string exactly, string? expected) => Assert.Equal(expected, Allocate([Claim("c", exactly)], Two));

    [Fact]
    public void What_others_have_is_not_given_again_but_to_administrators()
    {
        Assert.Equal("c:r=b", Allocate([Claim("c")], Two, [Has("a")]));
        Assert.Null(Allocate([Claim("c", "\"count\":2")], Two, [Has("a")]));
        Assert.Null(Allocate([Claim("c", "\"allocationMode\":\"All\"")], Two, [Has("a")]));
        Assert.Equal("c:r=a c:r=b", Allocate([Claim("c", "\"allocationMode\":\"All\",\"adminAccess\":true")], Two, [Has("a", "b")]));
        Assert.Equal("c:r=a d:r=b", Allocate([Claim("c"), Claim("d")], Two));
        Assert.Null(Allocate([Claim("c"), Claim("d"), Claim("e")], Two));
    }

    [Fact]
    public void The_search_goes_back_when_a_first_choice_leaves_nothing_for_others()
    {
        var picky = Claim("d", "\"selectors\":[{\"cel\":{\"expression\":\"device.attributes['gpu.test'].model == 'small'\"}}]");
        Assert.Equal("c:r=b d:r=a", Allocate([Claim("c"), picky], Two));
    }

    [Fact]
    public void The_first_alternative_that_can_be_had_is_taken()
    {
        const string Sub = """{"name":"r","firstAvailable":[{"name":"two","deviceClassName":"gpu","allocationMode":"ExactCount","count":2},{"name":"one","deviceClassName":"gpu","allocationMode":"ExactCount","count":1}]}""";
        Assert.Equal("c:r/two=a c:r/two=b", Allocate([Claim("c", devices: Requests(Sub))], Two));
        Assert.Equal("c:r/one=b", Allocate([Claim("c", devices: Requests(Sub))], Two, [Has("a")]));
    }

    [Theory]
    [InlineData("matchAttribute", "c:x=b c:y=c")]
    [InlineData("distinctAttribute", "c:x=a c:y=b")]
    public void Devices_of_a_claim_are_alike_or_different_in_an_attribute(string constraint, string expected)
    {
        var devices = $$"""{"requests":[{{Request("x")}},{{Request("y")}}],"constraints":[{"requests":["x","y"],"{{constraint}}":"gpu.test/model"}]}""";
        ResourceSlice[] slices = [Slice("n", Device("a", Small), Device("b", Big), Device("c", Big), Device("d"))];
        Assert.Equal(expected, Allocate([Claim("c", devices: devices)], slices));
    }

    [Fact]
    public void A_taint_keeps_those_away_that_do_not_tolerate_it()
    {
        ResourceSlice[] slices = [Slice("n", Device("a", "\"taints\":[{\"key\":\"broken\",\"effect\":\"NoSchedule\"}]"), Device("b", "\"taints\":[{\"key\":\"seen\",\"effect\":\"None\"}]"))];
        Assert.Equal("c:r=b", Allocate([Claim("c")], slices));
        Assert.Equal("c:r=a", Allocate([Claim("c", "\"tolerations\":[{\"key\":\"broken\",\"operator\":\"Exists\"}]")], slices));
    }

    [Fact]
    public void Devices_that_share_counters_take_from_each_other()
    {
        static string Part(string name, int gib) => Device(name, "\"consumesCounters\":[{\"counterSet\":\"card\",\"counters\":{\"memory\":{\"value\":\"" + gib + "Gi\"}}}]");
        var counters = Read<ResourceSlice>("""{"metadata":{"name":"counters"},"spec":{"driver":"gpu.test","pool":{"name":"n","generation":1,"resourceSliceCount":2},"nodeName":"n","sharedCounters":[{"name":"card","counters":{"memory":{"value":"40Gi"}}}]}}""");
        var parts = Slice("n", Part("whole", 40), Part("half", 20), Part("half2", 20));
        ResourceSlice[] slices = [counters, parts with { Spec = parts.Spec with { Pool = parts.Spec.Pool with { ResourceSliceCount = 2 } } }];
        Assert.Equal("c:r=whole", Allocate([Claim("c")], slices));
        Assert.Equal("c:r=half d:r=half2", Allocate([Claim("c"), Claim("d")], slices));
        Assert.Equal("c:r=half2", Allocate([Claim("c")], slices, [Has("half")]));
        Assert.Null(Allocate([Claim("c")], slices, [Has("whole")]));
    }

    [Fact]
    public void Parts_of_a_shared_device_are_given_until_it_is_full()
    {
        const string Shared = "\"allowMultipleAllocations\":true,\"capacity\":{\"memory\":{\"value\":\"10Gi\",\"requestPolicy\":{\"default\":\"4Gi\",\"validRange\":{\"min\":\"2Gi\",\"step\":\"2Gi\"}}}}";
        ResourceSlice[] slices = [Slice("n", Device("a", Shared))];
        Assert.Equal("c:r=a d:r=a", Allocate([Claim("c"), Claim("d", "\"capacity\":{\"requests\":{\"memory\":\"5Gi\"}}")], slices));
        Assert.Null(Allocate([Claim("c", "\"count\":3")], slices));
        Assert.Null(Allocate([Claim("c", "\"capacity\":{\"requests\":{\"memory\":\"11Gi\"}}")], slices));
    }

    [Theory]
    [InlineData("{\"value\":\"10\"}", null, "10")]
    [InlineData("{\"value\":\"10\"}", "3", "3")]
    [InlineData("{\"value\":\"10\",\"requestPolicy\":{\"default\":\"4\",\"validValues\":[\"2\",\"4\",\"8\"]}}", null, "4")]
    [InlineData("{\"value\":\"10\",\"requestPolicy\":{\"default\":\"4\",\"validValues\":[\"2\",\"4\",\"8\"]}}", "5", "8")]
    [InlineData("{\"value\":\"10\",\"requestPolicy\":{\"default\":\"4\",\"validValues\":[\"2\",\"4\",\"8\"]}}", "9", null)]
    [InlineData("{\"value\":\"10\",\"requestPolicy\":{\"default\":\"4\",\"validRange\":{\"min\":\"2\",\"max\":\"8\",\"step\":\"3\"}}}", "1", "2")]
    [InlineData("{\"value\":\"10\",\"requestPolicy\":{\"default\":\"4\",\"validRange\":{\"min\":\"2\",\"max\":\"8\",\"step\":\"3\"}}}", "3", "5")]
    [InlineData("{\"value\":\"10\",\"requestPolicy\":{\"default\":\"4\",\"validRange\":{\"min\":\"2\",\"max\":\"7\",\"step\":\"3\"}}}", "6", null)]
    public void A_policy_rounds_what_is_asked_for_up(string capacity, string? asked, string? expected) =>
        Assert.Equal(expected, DeviceCapacities.Amount(Read<DeviceCapacity>(capacity), asked is null ? null : Quantity.Parse(asked))?.ToString());

    [Fact]
    public void What_is_broken_is_an_error_and_no_answer()
    {
        var broken = Claim("c", "\"selectors\":[{\"cel\":{\"expression\":\"device.attributes['gpu.test'].missing == 1\"}}]");
        Assert.Equal("request r: selector #0: CEL runtime error: no such key: missing", Assert.Throws<DeviceException>(() => Allocate([broken], Two)).Message);
        var changing = Slice("n", Device("a")) with { };
        changing = changing with { Spec = changing.Spec with { Pool = changing.Spec.Pool with { ResourceSliceCount = 2 } } };
        Assert.Equal("claim default/c, request r: asks for all devices, but resource pool gpu.test/n is currently being updated", Assert.Throws<DeviceException>(() => Allocate([Claim("c", "\"allocationMode\":\"All\"")], [changing])).Message);
        Assert.Equal("pool gpu.test/n is invalid: duplicate device name gpu.test/n/a", Assert.Throws<DeviceException>(() => Allocate([Claim("c")], [Slice("n", Device("a"), Device("a"))])).Message);
    }

    [Fact]
    public void Only_devices_that_a_node_reaches_in_the_newest_generation_are_given()
    {
        var old = Slice("n", Device("old"));
        var now = Slice("n", Device("x"), Device("y"));
        now = now with { Spec = now.Spec with { Pool = now.Spec.Pool with { Generation = 2 } } };
        Assert.Equal("c:r=x", Allocate([Claim("c")], [old, now]));
        Assert.Null(Allocate([Claim("c")], [Slice("m", Device("a"))]));
        var mixed = Read<ResourceSlice>("""{"metadata":{"name":"s"},"spec":{"driver":"gpu.test","pool":{"name":"n","generation":1,"resourceSliceCount":1},"perDeviceNodeSelection":true,"devices":[{"name":"a","nodeName":"m"},{"name":"b","allNodes":true}]}}""");
        Assert.Equal("c:r=b", Allocate([Claim("c")], [mixed]));
    }
}
