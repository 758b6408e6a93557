using Kobune.Api.Features;
using Kobune.Api.Schema;

namespace Kobune.Api.Tests.Features;

/// <summary>Stages of gates per release, and upstream's rules for setting them.</summary>
public class FeatureGatesTests
{
    /// <summary>A letter for each release from 1.30 on: unknown, alpha, beta, GA, deprecated; capital = on, and ! = locked.</summary>
    [Theory]
    [InlineData("WatchList", "a a B b B B B")]
    [InlineData("PodSchedulingReadiness", "G! G! G! G! G! G! G!")]
    [InlineData("SidecarContainers", "B B B G! G! G! -")]
    [InlineData("AppArmor", "B G! G! - - - -")]
    [InlineData("APIPriorityAndFairness", "G! - - - - - -")]
    [InlineData("ImageVolume", "- a a b b B G!")]
    [InlineData("DynamicResourceAllocation", "a a b b G G! G!")]
    [InlineData("DisableNodeKubeProxyVersion", "a d d D D D D!")]
    [InlineData("GitRepoVolumeDriver", "- - - d d d d!")]
    [InlineData("HPAScaleToZero", "a a a a a a a")]
    [InlineData("RelaxedServiceNameValidation", "- - - - a a B")]
    [InlineData("MutatingAdmissionPolicy", "a a a a b b G")]
    [InlineData("HPAGeneration", "- - - - - - -")]
    public void Gates_have_their_stage_in_each_release(string name, string stages)
    {
        var found = Enumerable.Range(30, 7).Select(minor => FeatureCatalog.Of(minor).Find(name) is not { } gate ? "-" : Letter(gate) + (gate.IsLocked ? "!" : ""));
        Assert.Equal(stages, string.Join(' ', found));
    }

    [Fact]
    public void Every_line_of_the_data_is_read()
    {
        foreach (var minor in Enumerable.Range(30, 7))
        {
            var gates = FeatureCatalog.Of(minor).Gates;
            Assert.InRange(gates.Count, 150, 260);
            Assert.All(gates, g => Assert.False(g.IsLocked && g.Stage is FeatureStage.Alpha, g.Name));
            Assert.All(gates.Where(g => g.Stage == FeatureStage.Alpha), g => Assert.True(!g.IsOn || g.Name == "WindowsHostNetwork", g.Name));
        }
    }

    [Theory]
    [InlineData(36, "WatchList=false", "WatchList", false)]
    [InlineData(36, "", "WatchList", true)]
    [InlineData(33, "", "WatchList", false)]
    [InlineData(36, "AllAlpha=true", "HPAScaleToZero", true)]
    [InlineData(36, "AllAlpha=true,HPAScaleToZero=false", "HPAScaleToZero", false)]
    [InlineData(36, "HPAScaleToZero=false,AllAlpha=true", "HPAScaleToZero", false)]
    [InlineData(36, "AllAlpha=true", "WatchList", true)]
    [InlineData(36, "AllBeta=false", "WatchList", false)]
    [InlineData(36, "AllBeta=false", "ImageVolume", true)] // finished
    [InlineData(36, "AllBeta=false,WatchList=1", "WatchList", true)]
    [InlineData(36, " WatchList = F , ", "WatchList", false)]
    [InlineData(30, "", "ImageVolume", false)] // not there yet
    [InlineData(36, "", "SidecarContainers", true)] // finished, and its gate is gone
    [InlineData(36, "", "VolumeCapacityPriority", false)] // given up
    [InlineData(36, "", "NoSuchThing", false)]
    public void A_feature_is_on_or_off(int minor, string text, string name, bool isOn) =>
        Assert.Equal(isOn, FeatureGates.Parse(new(minor, 0), text).IsEnabled(name));

    [Theory]
    [InlineData(36, "NoSuchThing=true", "unrecognized feature gate: NoSuchThing")]
    [InlineData(30, "ImageVolume=true", "unrecognized feature gate: ImageVolume")]
    [InlineData(36, "SidecarContainers=true", "unrecognized feature gate: SidecarContainers")]
    [InlineData(33, "SidecarContainers=false", "cannot set feature gate SidecarContainers to false, feature is locked to true")]
    [InlineData(36, "GitRepoVolumeDriver=true", "cannot set feature gate GitRepoVolumeDriver to true, feature is locked to false")]
    [InlineData(36, "GangScheduling=true", "GangScheduling is enabled, but depends on features that are disabled: [GenericWorkload]")]
    [InlineData(36, "NodeDeclaredFeatures=false,PodLevelResources=false", "InPlacePodLevelResourcesVerticalScaling is enabled, but depends on features that are disabled: [PodLevelResources NodeDeclaredFeatures]")]
    [InlineData(36, "WatchList", "missing bool value for WatchList")]
    [InlineData(36, "WatchList=perhaps", "invalid value of WatchList=perhaps")]
    public void What_the_release_does_not_allow_is_refused(int minor, string text, string message)
    {
        Assert.Null(FeatureGates.TryParse(new(minor, 0), "HPAScaleToZero=true," + text, out var problem));
        Assert.Equal(message, problem!.ToString());
        Assert.Equal(message, Assert.Throws<FormatException>(() => FeatureGates.Parse(new(minor, 0), text)).Message);
    }

    [Theory]
    [InlineData(36, "GangScheduling=true,GenericWorkload=true")]
    [InlineData(36, "AllAlpha=true")]
    [InlineData(35, "AllAlpha=true")]
    [InlineData(36, "AllBeta=false")]
    [InlineData(36, "AllAlpha=true,AllBeta=true")]
    [InlineData(34, "APIServerIdentity=false,StorageVersionAPI=true")] // upstream's check came with 1.35
    public void What_a_gate_needs_may_be_set_with_it(int minor, string text) => Assert.NotNull(FeatureGates.TryParse(new(minor, 0), text, out _));

    [Fact]
    public void What_is_on_by_default_has_what_it_needs() =>
        Assert.All(Enumerable.Range(30, 7), minor => Assert.NotNull(FeatureGates.TryParse(new(minor, 0), "", out _)));

    [Fact]
    public void Needs_are_gates() =>
        Assert.All(FeatureCatalog.Of(36).Gates.SelectMany(g => g.Needs), n => Assert.True(FeatureCatalog.Of(36).Find(n) is not null || FeatureCatalog.Of(36).IsFinished(n), n));

    [Theory]
    [InlineData(36, "WatchList=true,HPAScaleToZero=true", "")]
    [InlineData(36, "MutatingAdmissionPolicy=true,AllBeta=true", "MutatingAdmissionPolicy")]
    [InlineData(36, "GitRepoVolumeDriver=false,ImageVolume=true", "GitRepoVolumeDriver,ImageVolume")]
    public void Gates_that_will_go_are_told(int minor, string text, string names) =>
        Assert.Equal(names, string.Join(',', FeatureGates.Parse(new(minor, 0), text).Leaving.Select(g => g.Name)));

    [Fact]
    public void A_locked_gate_may_be_set_to_what_it_is() => Assert.True(FeatureGates.Parse(new(33, 0), "SidecarContainers=true").IsEnabled("SidecarContainers"));

    [Fact]
    public void The_whole_list_has_the_two_collective_gates_and_is_sorted()
    {
        var all = FeatureGates.Parse(new(36, 0), "AllBeta=false").All.ToArray();
        Assert.Equal(("AllBeta", "BETA", false), all.Where(f => f.Gate.Name == "AllBeta").Select(f => (f.Gate.Name, f.Gate.StageLabel, f.IsOn)).Single());
        Assert.Equal(("WatchList", false), all.Where(f => f.Gate.Name == "WatchList").Select(f => (f.Gate.Name, f.IsOn)).Single());
        Assert.Equal(("ImageVolume", ""), all.Where(f => f.Gate.Name == "ImageVolume").Select(f => (f.Gate.Name, f.Gate.StageLabel)).Single());
        Assert.Equal(all.Select(f => f.Gate.Name).Order(StringComparer.Ordinal), all.Select(f => f.Gate.Name));
    }

    [Fact]
    public void Gates_of_the_schema_are_known_to_some_release()
    {
        var known = Enumerable.Range(30, 7).SelectMany(m => FeatureCatalog.Of(m).Gates).Select(g => g.Name).ToHashSet();
        Assert.DoesNotContain(ApiSchema.BuiltIn.Gates, g => !known.Contains(g));
    }

    /// <summary>For every gate of a field that a release lets one set: the field is kept when it is on, and dropped when it is off.</summary>
    [Theory]
    [InlineData(30)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(34)]
    [InlineData(35)]
    [InlineData(36)]
    public void Fields_follow_their_gate(int minor)
    {
        var version = new KubernetesVersion(minor, 0);
        var settable = FeatureCatalog.Of(minor).Gates.Where(g => !g.IsLocked && ApiSchema.BuiltIn.Gates.Contains(g.Name)).Select(g => g.Name).ToArray();
        Assert.NotEmpty(settable);
        var all = ApiSchema.Of(FeatureGates.Parse(version, string.Join(',', settable.Select(g => g + "=true"))), RuntimeConfig.Default);
        var needing = FeatureCatalog.Of(minor).Gates.Where(g => !g.IsLocked && !settable.Contains(g.Name)).Where(g => g.Needs.Any(settable.Contains)).Select(g => g.Name);
        var none = ApiSchema.Of(FeatureGates.Parse(version, string.Join(',', settable.Concat(needing).Select(g => g + "=false"))), RuntimeConfig.Default);
        foreach (var (on, off) in Fields(all).Zip(Fields(none)))
        {
            Assert.Equal(on.Name, off.Name);
            var isKnown = on.Gates.All(g => FeatureCatalog.Of(minor).Find(g) is not null || FeatureCatalog.Of(minor).IsFinished(g));
            Assert.Equal((on.Name, isKnown), (on.Name, !on.IsOff));
            Assert.Equal((on.Name, on.Gates.Any(settable.Contains) || !isKnown), (on.Name, off.IsOff));
        }
    }

    [Theory]
    [InlineData("", "storage.k8s.io", "v1", "volumeattributesclasses", true)]
    [InlineData("", "storage.k8s.io", "v1beta1", "volumeattributesclasses", false)]
    [InlineData("api/beta", "storage.k8s.io", "v1beta1", "volumeattributesclasses", true)]
    [InlineData("api/all=true", "storage.k8s.io", "v1beta1", "volumeattributesclasses", true)]
    [InlineData("api/all=true,api/beta=false", "storage.k8s.io", "v1beta1", "volumeattributesclasses", false)]
    [InlineData("api/beta=true,storage.k8s.io/v1beta1=false", "storage.k8s.io", "v1beta1", "volumeattributesclasses", false)]
    [InlineData("storage.k8s.io/v1beta1/volumeattributesclasses=true", "storage.k8s.io", "v1beta1", "volumeattributesclasses", true)]
    [InlineData("storage.k8s.io/v1beta1=true", "resource.k8s.io", "v1beta1", "resourceclaims", false)]
    [InlineData("batch/v1=false", "batch", "v1", "jobs", false)]
    [InlineData("api/ga=false", "", "v1", "pods", false)]
    public void Runtime_config_says_what_is_served(string text, string group, string version, string plural, bool isServed)
    {
        var config = RuntimeConfig.TryParse(text)!;
        Assert.Null(config.Unknown(ApiSchema.BuiltIn));
        Assert.Equal(isServed, ApiSchema.Of(FeatureGates.Default(KubernetesVersion.Newest), config).FindResource(group, version, plural)!.IsServed);
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(33, true)]
    [InlineData(34, false)]
    [InlineData(36, false)]
    public void A_beta_version_ends(int minor, bool isServed) =>
        Assert.Equal(isServed, ApiSchema.Of(FeatureGates.Default(new(minor, 0)), RuntimeConfig.TryParse("api/beta")!).FindResource("admissionregistration.k8s.io", "v1beta1", "validatingadmissionpolicies")!.IsServed);

    [Theory]
    [InlineData("api/everything=true")]
    [InlineData("batch/v1=maybe")]
    [InlineData("a/b/c/d=true")]
    public void A_malformed_runtime_config_is_none(string text) => Assert.Null(RuntimeConfig.TryParse(text));

    [Fact]
    public void Runtime_config_names_what_nobody_has() => Assert.Equal("batch/v9", RuntimeConfig.TryParse("batch/v1=true,batch/v9=true")!.Unknown(ApiSchema.BuiltIn));

    private static IEnumerable<SchemaField> Fields(ApiSchema schema) =>
        schema.Types.OrderBy(t => t.Id, StringComparer.Ordinal).Where(t => t.Shape is SchemaShape.Object or SchemaShape.Union).SelectMany(t => t.Fields).Where(f => f.Gates.Count > 0);

    private static string Letter(FeatureGate gate)
    {
        var letter = gate.Stage == FeatureStage.GA ? "g" : gate.Stage.ToString()[..1].ToLowerInvariant();
        return gate.IsOn ? letter.ToUpperInvariant() : letter;
    }
}
