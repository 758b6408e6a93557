using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Quotas;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Tests.Authorization;

namespace Kobune.ApiServer.Tests.Admission;

public class ResourceQuotaTests
{
    private const string Pod = """{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"600m"}}}]}}""";
    private readonly ObjectTable _objects = new();

    [Fact]
    public async Task What_fits_is_charged_in_the_same_transaction()
    {
        Quota("pods=2,requests.cpu=1", "");
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        await new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default);
        var change = Assert.Single(request.Plan.Changes);
        Assert.Equal("pods=1,requests.cpu=600m", Show(((ResourceQuota)change.New).Status.Used));
        Assert.Equal("pods=2,requests.cpu=1", Show(((ResourceQuota)change.New).Status.Hard));
    }

    [Theory]
    [InlineData("pods=1", "pods \"web\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1")]
    [InlineData("pods=1,requests.cpu=1", "pods \"web\" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=600m, used: pods=1,requests.cpu=500m, limited: pods=1,requests.cpu=1")]
    [InlineData("limits.cpu=1", "pods \"web\" is forbidden: failed quota: q: must specify limits.cpu for: c")]
    [InlineData("count/pods=1", "pods \"web\" is forbidden: exceeded quota: q, requested: count/pods=1, used: count/pods=1, limited: count/pods=1")]
    [InlineData("pods=2", "")]
    [InlineData("services=0", "")]
    public async Task Excess_is_refused_in_upstreams_words(string hard, string message)
    {
        _objects.Put(new Pod
        {
            Metadata = new() { Name = "first", Namespace = "default" },
            Spec = new() { Containers = [new() { Name = "c", Resources = new() { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("500m") } } }] },
        });
        Quota(hard, "");
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        var refusal = await Record.ExceptionAsync(() => new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default).AsTask());
        Assert.Equal(message, refusal?.Message ?? "");
    }

    [Fact]
    public async Task Stale_usage_is_counted_anew_before_anything_is_refused()
    {
        Quota("pods=1", "pods=1"); // the pod that was counted is gone
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        await new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default);
        Assert.Equal("pods=1", Show(((ResourceQuota)request.Plan.Changes[0].New).Status.Used));
    }

    [Theory]
    [InlineData("BestEffort", false)]
    [InlineData("NotBestEffort", true)]
    [InlineData("Terminating", false)]
    [InlineData("NotTerminating", true)]
    public async Task Scopes_choose_pods(string scope, bool counted)
    {
        Quota("pods=5", "", scope);
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        await new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default);
        Assert.Equal(counted ? 1 : 0, request.Plan.Changes.Count);
    }

    [Fact]
    public async Task What_is_not_counted_keeps_what_was_charged()
    {
        Quota("count/leases.coordination.k8s.io=1", "count/leases.coordination.k8s.io=1");
        var request = Admissions.Of<Kobune.Api.Coordination.V1.Lease>(AdmissionOperation.Create, _objects, """{"metadata":{"name":"l","namespace":"default"}}""");
        Assert.Equal(
            "leases.coordination.k8s.io \"l\" is forbidden: exceeded quota: q, requested: count/leases.coordination.k8s.io=1, used: count/leases.coordination.k8s.io=1, limited: count/leases.coordination.k8s.io=1",
            (await Assert.ThrowsAsync<StatusException>(() => new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default).AsTask())).Message);
    }

    [Fact]
    public async Task Pods_are_charged_as_they_say_as_a_whole_and_with_overhead_where_there_is_a_limit()
    {
        Quota("requests.cpu=5,requests.memory=5Gi,limits.cpu=5", "");
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, """{"metadata":{"name":"web","namespace":"default"},"spec":{"overhead":{"cpu":"100m","memory":"1Gi"},"resources":{"requests":{"cpu":"2"},"limits":{"cpu":"3"}},"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"}}}]}}""");
        await new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default);
        Assert.Equal("limits.cpu=3100m,requests.cpu=2100m,requests.memory=1Gi", Show(((ResourceQuota)Assert.Single(request.Plan.Changes).New).Status.Used));
    }

    [Fact]
    public async Task A_pod_past_its_grace_takes_no_place()
    {
        _objects.Put(new Pod { Metadata = new() { Name = "late", Namespace = "default", DeletionTimestamp = DateTimeOffset.UnixEpoch, DeletionGracePeriodSeconds = 30 } });
        Quota("pods=1,count/pods=5", "");
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        await new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default);
        Assert.Equal("count/pods=2,pods=1", Show(((ResourceQuota)Assert.Single(request.Plan.Changes).New).Status.Used));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("resize", 1)]
    public async Task Of_pods_only_a_resize_is_charged_again(string subresource, int changes)
    {
        Quota("requests.cpu=5", "requests.cpu=0");
        var request = Admissions.Of<Pod>(AdmissionOperation.Update, _objects, Pod, """{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"100m"}}}]}}""", subresource: subresource);
        await new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default);
        Assert.Equal(changes, request.Plan.Changes.Count);
    }

    [Theory]
    [InlineData("gold", 1)]
    [InlineData("silver", 0)]
    public async Task A_claim_is_chosen_by_its_attributes_class(string name, int changes)
    {
        _objects.Put(new ResourceQuota
        {
            Metadata = new() { Name = "q", Namespace = "default", ResourceVersion = "7" },
            Spec = new() { Hard = Parse("persistentvolumeclaims=1"), ScopeSelector = new() { MatchExpressions = [new() { ScopeName = "VolumeAttributesClass", Operator = "In", Values = ["gold"] }] } },
            Status = new() { Hard = Parse("persistentvolumeclaims=1"), Used = Parse("persistentvolumeclaims=0") },
        });
        var request = Admissions.Of<PersistentVolumeClaim>(AdmissionOperation.Create, _objects, $$$"""{"metadata":{"name":"c","namespace":"default"},"spec":{"volumeAttributesClassName":"{{{name}}}"}}""");
        await new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default);
        Assert.Equal(changes, request.Plan.Changes.Count);
    }

    [Fact]
    public async Task Update_is_charged_with_the_difference()
    {
        Quota("services.nodeports=1", "services.nodeports=0");
        var request = Admissions.Of<Service>(AdmissionOperation.Update, _objects, """{"metadata":{"name":"s","namespace":"default"},"spec":{"type":"NodePort","ports":[{"port":1},{"port":2}]}}""", """{"spec":{"type":"ClusterIP"}}""");
        Assert.Equal(
            "services \"s\" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1",
            (await Assert.ThrowsAsync<StatusException>(() => new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(request, default).AsTask())).Message);
    }

    private static Dictionary<string, Quantity> Parse(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).ToDictionary(p => p[0], p => Quantity.Parse(p[1]));

    private static string Show(IReadOnlyDictionary<string, Quantity> values) => string.Join(",", values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}"));

    private void Quota(string hard, string used, params string[] scopes) => _objects.Put(new ResourceQuota
    {
        Metadata = new() { Name = "q", Namespace = "default", ResourceVersion = "7" },
        Spec = new() { Hard = Parse(hard), Scopes = scopes },
        Status = new() { Hard = used.Length > 0 ? Parse(hard) : new Dictionary<string, Quantity>(), Used = Parse(used) },
    });
}
