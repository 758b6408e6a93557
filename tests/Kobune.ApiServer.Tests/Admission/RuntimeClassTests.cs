using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Node.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Plugins;
using Kobune.ApiServer.Tests.Authorization;

namespace Kobune.ApiServer.Tests.Admission;

public class RuntimeClassTests
{
    private readonly ObjectTable _objects = new();
    private readonly RuntimeClassAdmission _plugin = new();

    public RuntimeClassTests()
    {
        _objects.Put(new RuntimeClass { Metadata = new() { Name = "plain" }, Handler = "runc" });
        _objects.Put(new RuntimeClass
        {
            Metadata = new() { Name = "heavy" },
            Handler = "kata",
            Overhead = new() { PodFixed = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("250m"), ["memory"] = Quantity.Parse("64Mi") } },
            Scheduling = new() { NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" }, Tolerations = [new() { Key = "vm", Operator = "Exists" }] },
        });
    }

    [Theory]
    [InlineData(""" "runtimeClassName":"nothing" """, "pod rejected: RuntimeClass \"nothing\" not found")]
    [InlineData(""" "runtimeClassName":"plain" """, null)]
    [InlineData(""" "runtimeClassName":"plain","overhead":{"cpu":"1"} """, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")]
    [InlineData(""" "overhead":{"cpu":"1"} """, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")]
    [InlineData(""" "runtimeClassName":"heavy","overhead":{"cpu":"1"} """, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")]
    [InlineData(""" "runtimeClassName":"heavy","overhead":{"cpu":"0.25","memory":"64Mi"} """, null)]
    [InlineData(""" "runtimeClassName":"heavy","nodeSelector":{"disk":"hdd"} """, "conflict: runtimeClass.scheduling.nodeSelector[disk] = ssd; pod.spec.nodeSelector[disk] = hdd")]
    public async Task A_pod_is_refused_where_its_class_says_so(string spec, string? refusal)
    {
        var request = Request(spec);
        var error = await Record.ExceptionAsync(async () =>
        {
            await _plugin.MutateAsync(request, default);
            await _plugin.ValidateAsync(request, default);
        });
        Assert.Equal(refusal is null ? null : $"pods \"web\" is forbidden: {refusal}", error?.Message);
    }

    [Fact]
    public async Task A_pod_gets_overhead_selector_and_tolerations_of_its_class()
    {
        var request = Request(""" "runtimeClassName":"heavy","nodeSelector":{"zone":"a"},"tolerations":[{"key":"vm","operator":"Exists"},{"key":"x"}] """);
        await _plugin.MutateAsync(request, default);
        var spec = request.Object!["spec"]!;
        Assert.Equal("""{"cpu":"250m","memory":"64Mi"}""", spec["overhead"]!.ToJsonString());
        Assert.Equal("""{"zone":"a","disk":"ssd"}""", spec["nodeSelector"]!.ToJsonString());
        Assert.Equal("""[{"key":"vm","operator":"Exists"},{"key":"x"}]""", spec["tolerations"]!.ToJsonString());
    }

    [Fact]
    public async Task A_class_that_went_does_not_hold_up_an_update()
    {
        var request = Admissions.Of<Pod>(AdmissionOperation.Update, _objects, Body(""" "runtimeClassName":"nothing" """), Body(""" "runtimeClassName":"nothing" """));
        await _plugin.MutateAsync(request, default);
        await _plugin.ValidateAsync(request, default);
    }

    private AdmissionRequest Request(string spec) => Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Body(spec));

    private static string Body(string spec) => $$$"""{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"c","image":"i"}],{{{spec}}}}}""";
}
