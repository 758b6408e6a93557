using Kobune.Addons.Catalog;

namespace Kobune.Addons.Tests.Catalog;

public class AddonCatalogTests
{
    [Fact]
    public void Names_are_sorted_and_unique() =>
        Assert.Equal(AddonCatalog.All.Select(a => a.Name).Distinct().Order(StringComparer.Ordinal), AddonCatalog.All.Select(a => a.Name));

    [Fact]
    public void What_runs_here_needs_no_image() => Assert.DoesNotContain(AddonCatalog.All, a => a.IsBuiltIn && a.Images.Count > 0);

    [Fact]
    public void New_clusters_have_storage() =>
        Assert.Equal(["default-storageclass", "storage-provisioner"], AddonCatalog.All.Where(a => a.Kind == AddonKind.Default).Select(a => a.Name));

    [Theory]
    [InlineData("ingress", "ingress")]
    [InlineData("heapster", "metrics-server")]
    [InlineData("no-such-addon", null)]
    public void Addons_are_found_by_their_names_and_former_names(string name, string? found) => Assert.Equal(found, AddonCatalog.Find(name)?.Name);

    [Fact]
    public void An_image_has_a_key_and_a_registry()
    {
        var addon = AddonCatalog.Parse("x | Somebody | pulls | A=registry.k8s.io/sig/a:v1 B=docker.io/library/b:2");
        Assert.Equal([new("A", "registry.k8s.io", "sig/a:v1"), new AddonImage("B", "docker.io", "library/b:2")], addon.Images);
        Assert.False(addon.IsBuiltIn);
    }
}
