using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.EndpointSlices;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests;

public class EndpointSlicePlanTests
{
    [Fact]
    public void A_service_without_pods_has_an_empty_slice()
    {
        var slice = Assert.Single(Plan(Service(), []).Create);
        Assert.Empty(slice.Endpoints);
        Assert.Equal(("web-", "IPv4", "web", "endpointslice-controller.k8s.io"), (slice.Metadata.GenerateName, slice.AddressType, slice.Metadata.Labels["kubernetes.io/service-name"], slice.Metadata.Labels["endpointslice.kubernetes.io/managed-by"]));
        Assert.True(slice.Metadata.OwnerReferences.Single().Controller);
    }

    [Fact]
    public void An_endpoint_tells_what_its_pod_is()
    {
        var groups = Groups(Service(), Pod("ready"), Pod("unready", ready: false), Pod("going").Deleting(), Pod("done", phase: PodPhase.Succeeded), Pod("homeless", ip: ""));
        var endpoints = Assert.Single(groups).Endpoints.ToDictionary(e => e.TargetRef!.Name, e => e.Conditions);
        Assert.Equal(["going", "ready", "unready"], endpoints.Keys.Order());
        Assert.Equal((true, true, false), Conditions(endpoints["ready"]));
        Assert.Equal((false, false, false), Conditions(endpoints["unready"]));
        Assert.Equal((false, true, true), Conditions(endpoints["going"]));
        Assert.Equal(("http", 8080, "TCP"), (groups[0].Ports[0].Name, groups[0].Ports[0].Port!.Value, groups[0].Ports[0].Protocol));
    }

    [Fact]
    public void Not_ready_addresses_can_be_published()
    {
        var service = Service() with { Spec = Service().Spec with { PublishNotReadyAddresses = true } };
        var endpoint = Groups(service, Pod("unready", ready: false))[0].Endpoints[0];
        Assert.Equal((true, false, false), Conditions(endpoint.Conditions));
    }

    [Fact]
    public void Slices_hold_at_most_100_endpoints()
    {
        var plan = Plan(Service(), Pods(250));
        Assert.Equal([100, 100, 50], plan.Create.Select(s => s.Endpoints.Count));
    }

    [Fact]
    public void An_unchanged_service_writes_nothing()
    {
        var existing = Named(Plan(Service(), Pods(150)).Create);
        var plan = Plan(Service(), Pods(150), existing);
        Assert.Empty(plan.Create.Concat(plan.Update).Concat(plan.Delete));
    }

    [Fact]
    public void A_slice_that_an_earlier_service_left_gives_way_to_one_with_an_owner()
    {
        var mine = Named(Plan(Service(), Pods(2)).Create);
        foreach (var owners in new OwnerReference[][] { [], [mine[0].Metadata.OwnerReferences[0] with { Uid = "earlier" }] })
        {
            List<EndpointSlice> left = [.. mine.Select(s => s with { Metadata = s.Metadata with { OwnerReferences = owners } })];
            var plan = Plan(Service(), Pods(2), left);
            Assert.Equal((1, 0, left[0]), (plan.Create.Count, plan.Update.Count, Assert.Single(plan.Delete)));
            Assert.Equal((2, 1), (plan.Create[0].Endpoints.Count, plan.Create[0].Metadata.OwnerReferences.Count));
        }
    }

    [Fact]
    public void One_more_pod_updates_one_slice_and_one_less_too()
    {
        var existing = Named(Plan(Service(), Pods(150)).Create);
        var more = Plan(Service(), Pods(151), existing);
        Assert.Equal((0, 1, 0), (more.Create.Count, more.Update.Count, more.Delete.Count));
        Assert.Equal(51, more.Update[0].Endpoints.Count);
        var less = Plan(Service(), Pods(149), existing);
        Assert.Equal((0, 1, 0), (less.Create.Count, less.Update.Count, less.Delete.Count));
    }

    [Fact]
    public void A_slice_that_ran_empty_goes_but_for_the_last()
    {
        var existing = Named(Plan(Service(), Pods(150)).Create);
        var some = Plan(Service(), Pods(100), existing);
        Assert.Equal((0, 1), (some.Update.Count + some.Create.Count, some.Delete.Count));
        var none = Plan(Service(), [], existing);
        Assert.Equal(1, existing.Count - none.Delete.Count + none.Create.Count);
        Assert.Empty(none.Create.Concat(none.Update).Single().Endpoints);
    }

    [Fact]
    public void The_first_endpoint_takes_the_empty_slices_place_and_the_last_leaves_it()
    {
        var empty = Named(Plan(Service(), []).Create);
        var first = Plan(Service(), Pods(1), empty);
        Assert.Empty(first.Create.Concat(first.Delete));
        var filled = Assert.Single(first.Update);
        Assert.Equal(("web-0", "u0", 1, 8080), (filled.Metadata.Name, filled.Metadata.Uid, filled.Endpoints.Count, filled.Ports.Single().Port));
        var last = Plan(Service(), [], first.Update);
        Assert.Empty(last.Create.Concat(last.Delete));
        Assert.Equal(("web-0", 0, 0), (last.Update.Single().Metadata.Name, last.Update.Single().Endpoints.Count, last.Update.Single().Ports.Count));
    }

    [Fact]
    public void A_pod_in_another_ones_place_changes_the_same_slice()
    {
        var existing = Named(Plan(Service(), [Pod("old", ip: "10.244.0.1")]).Create);
        var plan = Plan(Service(), [Pod("new", ip: "10.244.0.2")], existing);
        Assert.Empty(plan.Create.Concat(plan.Delete));
        Assert.Equal(("web-0", "10.244.0.2"), (plan.Update.Single().Metadata.Name, plan.Update.Single().Endpoints.Single().Addresses.Single()));
    }

    [Theory]
    [InlineData(150, 230, "create 80")] // no slice has room for all
    [InlineData(150, 280, "create 100, update 80")] // what is left when whole slices are made fits into one that is there
    [InlineData(150, 290, "create 100, update 90")]
    [InlineData(40, 240, "create 100 100")]
    [InlineData(100, 250, "create 100 50")]
    public void New_endpoints_fill_whole_slices_and_then_what_has_room(int before, int after, string expected)
    {
        var plan = Plan(Service(), Pods(after), Named(Plan(Service(), Pods(before)).Create));
        Assert.Empty(plan.Delete);
        Assert.Equal(expected, string.Join(", ", new[] { Text("create", plan.Create), Text("update", plan.Update) }.Where(t => t.Length > 0)));

        static string Text(string what, List<EndpointSlice> slices) => slices.Count == 0 ? "" : what + " " + string.Join(' ', slices.Select(s => s.Endpoints.Count));
    }

    [Fact]
    public void The_fullest_slice_with_room_for_all_is_filled()
    {
        var slices = Named(Plan(Service(), Pods(250)).Create);
        List<EndpointSlice> uneven = [slices[0] with { Endpoints = [.. slices[0].Endpoints.Take(20)] }, slices[1] with { Endpoints = [.. slices[1].Endpoints.Take(60)] }, slices[2]];
        var have = uneven.SelectMany(s => s.Endpoints).Select(e => e.TargetRef!.Name).ToHashSet();
        Pod[] some = [.. Pods(250).Where(p => have.Contains(p.Metadata.Name)), .. Pods(250).Where(p => !have.Contains(p.Metadata.Name)).Take(30)];
        var plan = Plan(Service(), some, uneven);
        Assert.Equal(("web-1", 90), (plan.Update.Single().Metadata.Name, plan.Update.Single().Endpoints.Count));
        Assert.Empty(plan.Create.Concat(plan.Delete));
    }

    [Fact]
    public void A_second_family_gets_slices_of_its_own_and_a_lost_one_loses_them()
    {
        var service = Service() with { Spec = Service().Spec with { IPFamilies = ["IPv4", "IPv6"] } };
        var existing = Named(Plan(service, Pods(1)).Create);
        Assert.Equal(["IPv4", "IPv6"], existing.Select(s => s.AddressType).Order());
        var plan = Plan(Service(), Pods(1), existing);
        Assert.Equal("IPv6", Assert.Single(plan.Delete).AddressType);
    }

    [Fact]
    public void Pods_with_other_numbers_for_a_named_port_have_slices_of_their_own()
    {
        var service = Service() with { Spec = Service().Spec with { Ports = [new ServicePort { Name = "http", Port = 80, TargetPort = "http" }] } };
        var other = Pod("other") with { Spec = Pod("other").Spec with { Containers = [new Container { Ports = [new ContainerPort { Name = "http", ContainerPortValue = 9090 }] }] } };
        Assert.Equal([8080, 9090], Plan(service, [Pod("a"), other]).Create.Select(s => s.Ports[0].Port!.Value).Order());
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("PreferClose", "zone z1")]
    [InlineData("PreferSameZone", "zone z1")]
    [InlineData("PreferSameNode", "node n1 zone z1")]
    public void Traffic_distribution_gives_ready_endpoints_hints(string? distribution, string expected)
    {
        var service = Service() with { Spec = Service().Spec with { TrafficDistribution = distribution } };
        Pod[] pods = [OnNode(Pod("ready")), OnNode(Pod("unready", ready: false))];
        var node = new Node { Metadata = new() { Name = "n1", Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = "z1" } } };
        var endpoints = DesiredEndpoints.Compute(service, pods, _ => node, v6: false)[0].Endpoints.ToDictionary(e => e.TargetRef!.Name, e => e.Hints);
        var hints = endpoints["ready"];
        Assert.Equal(expected, string.Join(' ', (hints?.ForNodes ?? []).Select(n => "node " + n.Name).Concat((hints?.ForZones ?? []).Select(z => "zone " + z.Name))));
        Assert.Null(endpoints["unready"]);
    }

    [Fact]
    public void Hints_by_zone_are_written_once_and_stay()
    {
        var service = Service().WithMetadata(Service().Metadata with { Annotations = new Dictionary<string, string> { ["service.kubernetes.io/topology-mode"] = "Auto" } })
            with
        { Spec = Service().Spec with { TrafficDistribution = "PreferSameNode" } }; // the annotation goes first
        var shares = new SortedDictionary<string, double> { ["z1"] = 0.5, ["z2"] = 0.5 };
        Node Zone(string name) => new() { Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = "z" + name[1] } } };
        (EndpointSlicePlan Plan, string? Problem) Step(int pods, List<EndpointSlice> existing, SortedDictionary<string, double>? zones)
        {
            Pod[] all = [.. Pods(pods).Select((p, i) => p with { Spec = p.Spec with { NodeName = "n" + ((i % 2) + 1) } })];
            var families = new Dictionary<string, IReadOnlyList<EndpointGroup>> { ["IPv4"] = DesiredEndpoints.Compute(service, all, Zone, v6: false) };
            var plan = EndpointSlicePlan.Compute(SliceTemplate.Of(service), families, existing, "now", keepHints: true);
            return (plan, plan.HintByZone("IPv4", existing, zones, "now"));
        }

        var first = Step(4, [], shares);
        Assert.Equal(["z1", "z2", "z1", "z2"], first.Plan.Create.Single().Endpoints.Select(e => e.Hints!.ForZones.Single().Name));
        Assert.All(first.Plan.Create.Single().Endpoints, e => Assert.Empty(e.Hints!.ForNodes));
        var existing = Named(first.Plan.Create);
        var again = Step(4, existing, shares).Plan;
        Assert.Empty(again.Create.Concat(again.Update).Concat(again.Delete));
        var (without, problem) = Step(4, existing, null);
        Assert.NotNull(problem);
        Assert.All(without.Update.Single().Endpoints, e => Assert.Null(e.Hints));
        Assert.Equal("now", without.Update.Single().Metadata.Annotations["endpoints.kubernetes.io/last-change-trigger-time"]);
    }

    private static Pod OnNode(Pod pod) => pod with { Spec = pod.Spec with { NodeName = "n1" } };

    private static (bool?, bool?, bool?) Conditions(EndpointConditions c) => (c.Ready, c.Serving, c.Terminating);

    private static Service Service() => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = "web", Uid = "uid-svc" },
        Spec = new ServiceSpec { ClusterIP = "10.96.0.7", Selector = Web, IPFamilies = ["IPv4"], Ports = [new ServicePort { Name = "http", Port = 80, TargetPort = 8080 }] },
    };

    private static Pod[] Pods(int count) => [.. Enumerable.Range(0, count).Select(i => Pod("p" + i, ip: $"10.244.{i / 200}.{i % 200}"))];

    private static List<EndpointSlice> Named(List<EndpointSlice> slices) => [.. slices.Select((s, i) => s.WithMetadata(s.Metadata with { Name = "web-" + i, Uid = "u" + i }))];

    private static IReadOnlyList<EndpointGroup> Groups(Service service, params Pod[] pods) => DesiredEndpoints.Compute(service, pods, _ => null, v6: false);

    private static EndpointSlicePlan Plan(Service service, Pod[] pods, List<EndpointSlice>? existing = null) => EndpointSlicePlan.Compute(
        SliceTemplate.Of(service),
        service.Spec.IPFamilies.ToDictionary(f => f, f => DesiredEndpoints.Compute(service, pods, _ => null, f == "IPv6")),
        existing ?? [],
        null);
}
