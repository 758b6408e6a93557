using System.Xml.Linq;

namespace Kobune.Architecture.Tests;

/// <summary>
/// Kobune.Testing runs on Linux, macOS and Windows: no assembly that it reaches calls what only some of them have. The platform analyzer (CA1416) sees to it too, and knows
/// about guards; here is what it does not see, and that nobody switched it off.
/// </summary>
public class PlatformTests
{
    /// <summary>Members that one of the systems lacks and that are called all the same, each behind a question for the system.</summary>
    private static readonly string[] Guarded =
    [
        "Kobune.ApiServer: System.IO.FileStreamOptions.set_UnixCreateMode", // CertificateFolder asks OperatingSystem.IsWindows
    ];

    public static TheoryData<string> Assemblies => [.. PlatformScan.Assemblies(AppContext.BaseDirectory).Select(f => Path.GetFileNameWithoutExtension(f)!)];

    [Fact]
    public void All_assemblies_of_the_package_are_looked_at() =>
        Assert.Equal(
            ["Kobune.Api", "Kobune.Api.Records", "Kobune.ApiServer", "Kobune.Cel", "Kobune.Client", "Kobune.ControlPlane", "Kobune.ControllerManager", "Kobune.Grpc", "Kobune.Scheduler", "Kobune.SimulatedNode", "Kobune.Storage", "Kobune.Testing"],
            Assemblies.Select(a => a.Data).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Assemblies))]
    public void No_function_of_an_operating_system_is_imported(string assembly) => Assert.Empty(PlatformScan.Imports(PathOf(assembly)));

    [Theory, MemberData(nameof(Assemblies))]
    public void No_text_names_a_place_that_only_Linux_has(string assembly) =>
        Assert.DoesNotContain(PlatformScan.Texts(PathOf(assembly)), t => t.StartsWith("/proc/", StringComparison.Ordinal) || t.StartsWith("/sys/", StringComparison.Ordinal) || t.StartsWith("libc", StringComparison.Ordinal));

    [Theory, MemberData(nameof(Assemblies))]
    public void No_library_of_one_system_is_referenced(string assembly) =>
        Assert.DoesNotContain(PlatformScan.References(PathOf(assembly)), r => r.StartsWith("Mono.", StringComparison.Ordinal) || r.StartsWith("Microsoft.Win32", StringComparison.Ordinal) || r.StartsWith("Tmds", StringComparison.Ordinal));

    [Theory, MemberData(nameof(Assemblies))]
    public void No_member_is_called_that_a_system_lacks(string assembly) =>
        Assert.Equal(Guarded.Where(g => g.StartsWith(assembly + ":", StringComparison.Ordinal)), PlatformScan.Lacking(PathOf(assembly)).Select(m => $"{assembly}: {m}"));

    [Fact]
    public void The_scan_finds_what_it_looks_for()
    {
        var own = typeof(PlatformTests).Assembly.Location;
        Assert.Contains("libc getpid", PlatformScan.Imports(own));
        Assert.Contains("/proc/self", PlatformScan.Texts(own));
        Assert.Contains("System.IO.File.SetUnixFileMode", PlatformScan.Lacking(own));
    }

    [Fact]
    public void The_platform_analyzer_is_off_in_no_room_of_the_package()
    {
        var files = PlatformScan.Assemblies(AppContext.BaseDirectory).Select(f => Path.GetFileNameWithoutExtension(f)!)
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", room), "*", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && Path.GetExtension(f) is ".cs" or ".csproj")
            .Append(Path.Combine(Repository.Root, ".editorconfig")).Append(Path.Combine(Repository.Root, "Directory.Build.props")).Append(Path.Combine(Repository.Root, "src", "Directory.Build.props"));
        Assert.DoesNotContain(files, f => File.ReadAllText(f) is var text && (text.Contains("CA1416", StringComparison.Ordinal) || text.Contains("SupportedOSPlatform", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_package_depends_on_what_its_assemblies_reference()
    {
        var rooms = PlatformScan.Assemblies(AppContext.BaseDirectory).Select(f => Path.GetFileNameWithoutExtension(f)!);
        var referenced = rooms.SelectMany(room => XDocument.Load(Path.Combine(Repository.Root, "src", room, room + ".csproj")).Descendants("PackageReference").Select(r => (string)r.Attribute("Include")!));
        var nuspec = XDocument.Load(Path.Combine(Repository.Root, "src", "Kobune.Testing", "Kobune.Testing.nuspec"));
        Assert.Equal(referenced.Distinct().Order(), nuspec.Descendants().Where(e => e.Name.LocalName == "dependency").Select(d => (string)d.Attribute("id")!).Order());
    }

    private static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
}
