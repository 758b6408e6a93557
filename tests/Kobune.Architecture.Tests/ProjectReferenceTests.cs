using System.Xml.Linq;

namespace Kobune.Architecture.Tests;

/// <summary>The arrows of docs/architecture.md, read from the project files: a reference that points back fails the build.</summary>
public class ProjectReferenceTests
{
    /// <summary>Room -> rooms that it may look into directly; whatever those reach is allowed as well.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Kobune.Api.Generator"] = [],
        ["Kobune.Api.Records"] = [],
        ["Kobune.Api"] = ["Kobune.Api.Records"],
        ["Kobune.Cel"] = [],
        ["Kobune.Grpc"] = [],
        ["Kobune.Storage"] = ["Kobune.Grpc"],
        ["Kobune.Client"] = ["Kobune.Api"],
        ["Kobune.ApiServer"] = ["Kobune.Api", "Kobune.Storage", "Kobune.Cel"],
        ["Kobune.ControllerManager"] = ["Kobune.Client"],
        ["Kobune.Scheduler"] = ["Kobune.Client", "Kobune.Cel"],
        ["Kobune.Kubelet"] = ["Kobune.Client", "Kobune.Grpc"],
        ["Kobune.Proxy"] = ["Kobune.Client"],
        ["Kobune.Dns"] = ["Kobune.Client"],
        ["Kobune.Ingress"] = ["Kobune.Client"],
        ["Kobune.Addons"] = ["Kobune.Client"],
        ["Kobune.Dashboard"] = ["Kobune.Client"],
        ["Kobune.SimulatedNode"] = ["Kobune.Client"],
        ["Kobune.ControlPlane"] = ["Kobune.ApiServer", "Kobune.ControllerManager", "Kobune.Scheduler"],
        ["Kobune.Node"] = ["Kobune.ControlPlane", "Kobune.Kubelet", "Kobune.Proxy", "Kobune.Dns", "Kobune.Ingress", "Kobune.Addons", "Kobune.Dashboard", "Kobune.SimulatedNode"],
        ["Kobune.Machine"] = [],
        ["Kobune.Cli"] = ["Kobune.Node", "Kobune.Machine", "Kobune.Client", "Kobune.Testing"],
        ["Kobune.Testing"] = ["Kobune.ControlPlane", "Kobune.SimulatedNode"],
    };

    public static TheoryData<string> Projects =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(f => Path.GetFileNameWithoutExtension(f)!)];

    [Theory, MemberData(nameof(Projects))]
    public void Arrows_point_one_way(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is not a room of docs/architecture.md");
        var reachable = Reachable(project);
        foreach (var reference in References(project))
        {
            Assert.True(reachable.Contains(reference), $"{project} must not look into {reference}");
        }
    }

    [Fact]
    public void Components_never_reference_each_other()
    {
        string[] components = ["Kobune.ControllerManager", "Kobune.Scheduler", "Kobune.Kubelet", "Kobune.Proxy", "Kobune.Dns", "Kobune.Ingress", "Kobune.Addons", "Kobune.Dashboard", "Kobune.SimulatedNode"];
        foreach (var component in components)
        {
            Assert.Empty(Reachable(component).Intersect(components));
            Assert.DoesNotContain("Kobune.Storage", Reachable(component));
            Assert.DoesNotContain("Kobune.ApiServer", Reachable(component));
        }
    }

    private static HashSet<string> Reachable(string project)
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>(Allowed[project]);
        while (open.TryPop(out var next))
        {
            if (seen.Add(next))
            {
                foreach (var further in Allowed[next])
                {
                    open.Push(further);
                }
            }
        }

        return seen;
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"))
            .Descendants("ProjectReference")
            .Where(r => (string?)r.Attribute("ReferenceOutputAssembly") != "false")
            .Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));
}
