using Kobune.Addons.Catalog;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;

namespace Kobune.Cli.Addons;

/// <summary>The lists of `kobune addons`.</summary>
internal static class AddonLists
{
    private const string Documentation = "https://minikube.sigs.k8s.io/docs/handbook/addons/";

    /// <summary>The table; without a cluster only names and maintainers.</summary>
    public static string Table(ProfileConfig? profile, bool docs)
    {
        var states = profile?.AddonStates();
        var rows = AddonCatalog.All.Select(a =>
        {
            string[] row = profile is null ? [a.Name, a.Maintainer] : [a.Name, profile.Name, IsOn(states!, a) ? "enabled ✅" : "disabled", a.Maintainer];
            return docs ? [.. row, Documentation] : row;
        });
        string[] header = profile is null ? ["ADDON NAME", "MAINTAINER"] : ["ADDON NAME", "PROFILE", "STATUS", "MAINTAINER"];
        return BoxTable.Render(docs ? [.. header, "DOCS"] : header, rows);
    }

    /// <summary>Name to profile and status.</summary>
    public static string Json(ProfileConfig? profile) => JsonText.Write(w =>
    {
        var states = profile?.AddonStates();
        w.WriteStartObject();
        foreach (var addon in AddonCatalog.All)
        {
            w.WriteStartObject(addon.Name);
            if (profile is not null)
            {
                w.WriteString("Profile", profile.Name);
                w.WriteString("Status", IsOn(states!, addon) ? "enabled" : "disabled");
            }

            w.WriteEndObject();
        }

        w.WriteEndObject();
    });

    /// <summary>The images that an addon would pull.</summary>
    public static string ImagesTable(Addon addon) =>
        BoxTable.Render(["IMAGE NAME", "DEFAULT IMAGE", "DEFAULT REGISTRY"], addon.Images.Select(i => (string[])[i.Key, i.Image, i.Registry]));

    /// <inheritdoc cref="ImagesTable"/>
    public static string ImagesJson(Addon addon) => JsonText.Write(w =>
    {
        w.WriteStartArray();
        foreach (var image in addon.Images)
        {
            w.WriteStartObject();
            w.WriteString("name", image.Key);
            w.WriteString("image", image.Image);
            w.WriteString("registry", image.Registry);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    });

    private static bool IsOn(IReadOnlyDictionary<string, Kobune.Addons.Switching.AddonState> states, Addon addon) => states.GetValueOrDefault(addon.Name) is { IsEnabled: true };
}
