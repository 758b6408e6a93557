using Kobune.Api.FlowControl.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Fairness;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Tests.Fairness;

public class FlowControlTests
{
    private readonly TimerTime _time = new();

    [Theory]
    [InlineData("admin", "system:masters", "DELETE", "/api/v1/namespaces/default/pods/a", "exempt", "exempt", "")]
    [InlineData("system:anonymous", "system:unauthenticated", "GET", "/livez", "probes", "exempt", "")]
    [InlineData("system:anonymous", "system:unauthenticated", "GET", "/livez/ping", "probes", "exempt", "")]
    [InlineData("system:anonymous", "system:unauthenticated", "GET", "/livezzz", "global-default", "global-default", "system:anonymous")]
    [InlineData("system:node:n", "system:nodes", "PATCH", "/api/v1/nodes/n/status", "system-node-high", "node-high", "system:node:n")]
    [InlineData("system:node:n", "system:nodes", "PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n", "system-node-high", "node-high", "system:node:n")]
    [InlineData("system:node:n", "system:nodes", "GET", "/api/v1/namespaces/default/secrets/s", "system-nodes", "system", "system:node:n")]
    [InlineData("system:node:n", "system:nodes", "GET", "/apis/coordination.k8s.io/v1/leases", "system-nodes", "system", "system:node:n")] // of all namespaces: the rule for leases is not cluster-scoped
    [InlineData("system:kube-scheduler", "", "GET", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler", "system-leader-election", "leader-election", "system:kube-scheduler")]
    [InlineData("system:kube-scheduler", "", "GET", "/api/v1/namespaces/default/pods", "kube-scheduler", "workload-high", "default")]
    [InlineData("system:serviceaccount:kube-system:endpoint-controller", "system:serviceaccounts", "PUT", "/api/v1/namespaces/a/endpoints/e", "endpoint-controller", "workload-high", "system:serviceaccount:kube-system:endpoint-controller")]
    [InlineData("system:serviceaccount:kube-system:job-controller", "system:serviceaccounts", "PUT", "/api/v1/namespaces/a/configmaps/e", "workload-leader-election", "leader-election", "system:serviceaccount:kube-system:job-controller")]
    [InlineData("system:serviceaccount:kube-system:job-controller", "system:serviceaccounts", "POST", "/api/v1/namespaces/a/pods", "kube-system-service-accounts", "workload-high", "a")]
    [InlineData("system:serviceaccount:kube-systemx:job", "system:serviceaccounts", "POST", "/api/v1/namespaces/a/pods", "service-accounts", "workload-low", "system:serviceaccount:kube-systemx:job")]
    [InlineData("jane", "", "GET", "/api/v1/nodes", "global-default", "global-default", "jane")]
    public void Suggested_schemas_place_requests(string user, string group, string method, string path, string schema, string level, string distinguisher)
    {
        var flows = Bootstrapped();
        var call = Call(user, group, method, path);
        var found = flows.Classify(call);
        Assert.Equal((schema, level, distinguisher), (found.Name, found.Level.Name, found.Distinguisher(call.User!, call.Info)));
    }

    [Fact]
    public void Seats_are_shared_out()
    {
        var limits = Bootstrapped().Levels.ToDictionary(l => l.Name, l => l.Limits);
        Assert.Equal((0, 0, 600), limits["exempt"]);
        Assert.Equal((13, 13, 613), limits["catch-all"]);
        Assert.Equal((74, 50, 674), limits["system"]);
        Assert.Equal((98, 49, 698), limits["workload-high"]);
        Assert.Equal((245, 24, 845), limits["workload-low"]);
        Assert.Equal((49, 24, 649), limits["global-default"]);
    }

    [Fact]
    public void A_busy_level_borrows_what_others_do_not_need()
    {
        var flows = Bootstrapped();
        var schema = flows.Classify(Call("jane", "", "GET", "/api/v1/nodes"));
        var requests = Enumerable.Range(0, 200).Select(i => schema.Level.Start(schema, $"u{i}", new(1), Call("jane", "", "GET", "/api/v1/nodes"), out _)).ToList();
        Assert.All(requests, Assert.NotNull);
        _time.Advance(TimeSpan.FromSeconds(10));
        flows.AdjustLimits();
        Assert.InRange(schema.Level.Limit, 200, 649);
        Assert.All(requests, r => Assert.True(r!.Admitted.IsCompleted));
        requests.ForEach(r => schema.Level.Finish(r!));
        for (var i = 0; i < 300; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            flows.AdjustLimits();
        }

        Assert.InRange(schema.Level.Limit, 24, 150); // and gives it back when it is quiet
        Assert.All(flows.Levels.Where(l => !l.IsExempt), l => Assert.InRange(l.Limit, l.Limits.Min, l.Limits.Max));
    }

    [Fact]
    public void Exempt_requests_take_seats_from_the_others()
    {
        var flows = Bootstrapped();
        var schema = flows.Classify(Call("admin", "system:masters", "GET", "/api/v1/nodes"));
        for (var i = 0; i < 500; i++)
        {
            schema.Level.Start(schema, "", new(1), Call("admin", "system:masters", "GET", "/api/v1/nodes"), out _);
        }

        _time.Advance(TimeSpan.FromSeconds(10));
        flows.AdjustLimits();
        Assert.Equal(500, schema.Level.Limit);
        Assert.All(flows.Levels.Where(l => !l.IsExempt), l => Assert.Equal(l.Limits.Min, l.Limit));
    }

    [Fact]
    public void A_schema_without_its_level_is_passed_over_and_a_busy_level_outlives_its_object()
    {
        var flows = Bootstrapped();
        var call = Call("jane", "", "GET", "/api/v1/nodes");
        var schema = flows.Classify(call);
        var request = schema.Level.Start(schema, "jane", new(1), call, out _)!;
        flows.Configure([.. BootstrapFlows.SuggestedLevels.Where(l => l.Metadata.Name != "global-default")], [.. BootstrapFlows.SuggestedSchemas]);
        Assert.Equal("catch-all", flows.Classify(call).Name);
        Assert.True(flows.Levels.Single(l => l.Name == "global-default").IsQuiescing);
        schema.Level.Finish(request);
        flows.Configure([.. BootstrapFlows.SuggestedLevels.Where(l => l.Metadata.Name != "global-default")], [.. BootstrapFlows.SuggestedSchemas]);
        Assert.DoesNotContain(flows.Levels, l => l.Name == "global-default");
    }

    [Fact]
    public void The_first_schema_by_precedence_and_name_is_taken()
    {
        var flows = new FlowControl(600, _time);
        var any = BootstrapFlows.SuggestedSchemas.Single(s => s.Metadata.Name == "global-default").Spec;
        FlowSchema Named(string name, int precedence) => new() { Metadata = new() { Name = name }, Spec = any with { MatchingPrecedence = precedence } };
        flows.Configure(BootstrapFlows.SuggestedLevels, [Named("c", 20), Named("b", 10), Named("a", 10)]);
        Assert.Equal("a", flows.Classify(Call("jane", "", "GET", "/api")).Name);
    }

    private static ApiCall Call(string user, string group, string method, string path) => new()
    {
        Method = method,
        Path = path,
        Info = RequestInfoFactory.Create(method, path, QueryValues.Empty),
        User = group == "system:unauthenticated" ? UserInfo.Anonymous : group.Length == 0 ? UserInfo.Of(user) : UserInfo.Of(user, group),
    };

    private FlowControl Bootstrapped()
    {
        var flows = new FlowControl(600, _time);
        flows.Configure([.. BootstrapFlows.SuggestedLevels, .. BootstrapFlows.MandatoryLevels], [.. BootstrapFlows.SuggestedSchemas, .. BootstrapFlows.MandatorySchemas]);
        return flows;
    }
}
