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
        Assert.Null(Allocate([Claim("c"), Claim("d"), Claim("e")], slices));
        Assert.Equal("c:r=a c:s=a", Allocate([Claim("c", devices: Requests(Request("r"), Request("s")))], slices));
        Assert.Null(Allocate([Claim("c", "\"count\":2")], slices)); // a request gets different devices
        Assert.Equal("c:r=a c:r=b", Allocate([Claim("c", "\"count\":2")], [Slice("n", Device("a", Shared), Device("b", Shared))]));
        Assert.Null(Allocate([Claim("c", "\"capacity\":{\"requests\":{\"memory\":\"11Gi\"}}")], slices));
    }

    [Fact]
    public void Administrators_get_parts_of_shared_devices_which_count_for_this_pod_only()
    {
        ResourceSlice[] slices = [Slice("n", Device("a", "\"allowMultipleAllocations\":true,\"capacity\":{\"memory\":{\"value\":\"10Gi\",\"requestPolicy\":{\"default\":\"4Gi\"}}}"))];
        const string Admin = "\"adminAccess\":true";
        Assert.Equal("c:r=a d:r=a", Allocate([Claim("c", Admin), Claim("d")], slices));
        Assert.Null(Allocate([Claim("c", Admin), Claim("d", Admin), Claim("e")], slices));
        Assert.Null(Allocate([Claim("c", Admin + ",\"capacity\":{\"requests\":{\"memory\":\"11Gi\"}}")], slices));
        var part = new DeviceRequestAllocationResult { Request = "r", Driver = Driver, Pool = "n", Device = "a", AdminAccess = true, ShareID = "s", ConsumedCapacity = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("8Gi") } };
        Assert.Equal("c:r=a", Allocate([Claim("c")], slices, [new() { Devices = new() { Results = [part] } }]));

        var claim = Claim("c", Admin);
        var wish = new ClaimWish(claim, [DeviceWish.Of(claim.Spec.Devices.Requests[0], _ => Class(), out _)]);
        var chosen = new DeviceAllocator([wish], DeviceUse.Of([]), new(), DevicePool.Of(slices, Objects.Node("n"))).Allocate()!;
        var result = Assert.Single(Assert.Single(AllocationWriter.Write([wish], chosen, "n", TimeProvider.System)).Devices.Results);
        Assert.Equal((true, true, "4Gi"), (result.AdminAccess, result.ShareID is not null, result.ConsumedCapacity["memory"].ToString()));
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
        Assert.Equal("claim default/c: selector #0: CEL runtime error: no such key: missing", Assert.Throws<DeviceException>(() => Allocate([broken], Two)).Message);
        Assert.Equal("claim default/c: number of requested devices 33 exceeds the claim limit of 32", Assert.Throws<DeviceException>(() => Allocate([Claim("c", "\"count\":33")], Two)).Message);
        var alike = $$"""{"requests":[{{Request("r", "\"allocationMode\":\"All\"")}}],"constraints":[{"matchAttribute":"gpu.test/model"}]}""";
        Assert.Equal(
            "claim default/c, request r: cannot add device gpu.test/n/b because a claim constraint would not be satisfied",
            Assert.Throws<DeviceException>(() => Allocate([Claim("c", devices: alike)], Two)).Message);
    }

    [Theory]
    [InlineData("a slice is to come", "a", 2, "currently being updated")]
    [InlineData("a name stands twice", "a a", 1, "currently invalid")]
    [InlineData("nobody knows its counters", "a/card", 1, "currently invalid")]
    public void Of_a_pool_that_is_not_whole_nothing_is_given_and_all_devices_cannot_be(string name, string devices, int slices, string problem)
    {
        var bad = InPool(Slice("n", [.. devices.Split(' ').Select(d => Device(d.Split('/')[0], d.Contains('/') ? "\"consumesCounters\":[{\"counterSet\":\"card\",\"counters\":{\"memory\":{\"value\":\"1\"}}}]" : ""))]), "bad", slices);
        Assert.True(Allocate([Claim("c")], [bad]) is null, name);
        Assert.Equal("c:r=z", Allocate([Claim("c")], [bad, Slice("n", Device("z"))]));
        var message = Assert.Throws<DeviceException>(() => Allocate([Claim("c", "\"allocationMode\":\"All\"")], [bad, Slice("n", Device("z"))])).Message;
        Assert.Equal($"claim default/c, request r: asks for all devices, but resource pool gpu.test/bad is {problem}", message);
    }

    [Theory]
    [InlineData("one is tainted", "\"taints\":[{\"key\":\"broken\",\"effect\":\"NoSchedule\"}]", "", null)]
    [InlineData("its taint is tolerated", "\"taints\":[{\"key\":\"broken\",\"effect\":\"NoSchedule\"}]", ",\"tolerations\":[{\"key\":\"broken\",\"operator\":\"Exists\"}]", "c:r=a c:r=b")]
    [InlineData("one has too little", "\"capacity\":{\"memory\":{\"value\":\"1\"}}", ",\"capacity\":{\"requests\":{\"memory\":\"2\"}}", "c:r=b")]
    [InlineData("one is another kind", "\"attributes\":{\"kind\":{\"string\":\"x\"}}", ",\"selectors\":[{\"cel\":{\"expression\":\"!('kind' in device.attributes['gpu.test'])\"}}]", "c:r=b")]
    public void All_are_those_that_a_request_means(string name, string first, string request, string? expected) =>
        Assert.Equal((name, expected), (name, Allocate([Claim("c", "\"allocationMode\":\"All\"" + request)], [Slice("n", Device("a", first), Device("b", "\"capacity\":{\"memory\":{\"value\":\"2\"}}"))])));

    [Theory]
    [InlineData("an administrator gets none twice", "x,admin y,admin", "c:x=a c:y=b")]
    [InlineData("nor what the claim has already", "x y,admin", "c:x=a c:y=b")]
    [InlineData("and what he gets goes to nobody else now", "x,admin y", "c:x=a c:y=b")]
    [InlineData("there are two only", "x,admin y,admin z,admin", null)]
    public void A_claim_has_a_device_once(string name, string requests, string? expected)
    {
        var all = requests.Split(' ').Select(r => Request(r.Split(',')[0], r.Contains(',') ? "\"adminAccess\":true" : ""));
        Assert.Equal((name, expected), (name, Allocate([Claim("c", devices: Requests([.. all]))], Two)));
    }

    [Fact]
    public void Pools_come_by_name_and_those_with_devices_to_prepare_last()
    {
        var prepared = InPool(Slice("n", Device("p", "\"bindingConditions\":[\"Ready\"],\"bindingFailureConditions\":[\"Failed\"]")), "1", 1);
        Assert.Equal("c:r=b c:r=a c:r=p", Allocate([Claim("c", "\"count\":3")], [prepared, InPool(Slice("n", Device("a")), "3", 1), InPool(Slice("n", Device("b")), "2", 1)]));
    }

    private static ResourceSlice InPool(ResourceSlice slice, string pool, long slices) => slice with { Spec = slice.Spec with { Pool = slice.Spec.Pool with { Name = pool, ResourceSliceCount = slices } } };

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
