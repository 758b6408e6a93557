using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Admission.Webhooks;

namespace Kobune.ApiServer.Tests.Admission.Webhooks;

public class RuleMatchTests
{
    private static readonly RuleSubject Pods = new("CREATE", "", "v1", "pods", "", "default");

    private sealed record Case(string Name, RuleSubject Subject, bool IsMatch, string Operation = "*", string Group = "*", string Version = "*", string Resource = "*", string? Scope = null);

    private static readonly Case[] Cases =
    [
        new("stars mean everything", Pods, true),
        new("an exact rule", Pods, true, "CREATE", "", "v1", "pods"),
        new("another operation", Pods, false, "UPDATE"),
        new("connecting is an operation", Pods with { Operation = "CONNECT", Subresource = "exec" }, true, "CONNECT", Resource: "pods/exec"),
        new("another group", Pods, false, Group: "apps"),
        new("another version", Pods, false, Version: "v2"),
        new("another resource", Pods, false, Resource: "services"),
        new("a star means no subresource", Pods with { Subresource = "status" }, false),
        new("a resource means none of its subresources", Pods with { Subresource = "status" }, false, Resource: "pods"),
        new("all subresources of pods", Pods with { Subresource = "status" }, true, Resource: "pods/*"),
        new("pods/* means pods too", Pods, true, Resource: "pods/*"),
        new("pods/* means no others", Pods with { Resource = "services", Subresource = "status" }, false, Resource: "pods/*"),
        new("scale of everything", Pods with { Resource = "deployments", Subresource = "scale" }, true, Resource: "*/scale"),
        new("*/scale means no others", Pods with { Subresource = "status" }, false, Resource: "*/scale"),
        new("everything and all subresources", Pods with { Subresource = "status" }, true, Resource: "*/*"),
        new("namespaced", Pods, true, Scope: "Namespaced"),
        new("namespaced is not cluster-wide", Pods with { Namespace = "" }, false, Scope: "Namespaced"),
        new("cluster-wide", Pods with { Resource = "nodes", Namespace = "" }, true, Scope: "Cluster"),
        new("cluster-wide is not namespaced", Pods, false, Scope: "Cluster"),
        new("a Namespace is cluster-wide", Pods with { Resource = "namespaces" }, true, Scope: "Cluster"),
        new("a Namespace is not namespaced", Pods with { Resource = "namespaces" }, false, Scope: "Namespaced"),
        new("both scopes", Pods, true, Scope: "*"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Matches(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var rule = new RuleWithOperations { Operations = [c.Operation], APIGroups = [c.Group], APIVersions = [c.Version], Resources = [c.Resource], Scope = c.Scope };
        Assert.Equal(c.IsMatch, RuleMatch.Matches(rule, c.Subject));
    }
}
