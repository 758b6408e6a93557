using Kobune.Ingress.Certificates;

namespace Kobune.Ingress.Routing;

/// <summary>A host while its routing table is made.</summary>
internal sealed class HostDraft(Location root)
{
    private readonly List<Location> _locations = [];

    public Location Root { get; set; } = root;

    public ServerCertificate? Certificate { get; set; }

    /// <summary>False when the path was taken before.</summary>
    public bool Add(Location location)
    {
        if (location.Pattern is { Path: "/", Exact: false })
        {
            var free = Root.IsDefault;
            Root = free ? location : Root;
            return free;
        }

        if (_locations.Exists(l => l.Pattern.Path == location.Pattern.Path && l.Pattern.Exact == location.Pattern.Exact))
        {
            return false;
        }

        _locations.Add(location);
        return true;
    }

    /// <summary>Sorted; as regular expressions when one location of the host asks for them.</summary>
    public HostRoutes Build(string name, List<string> problems)
    {
        List<Location> all = [Root, .. _locations];
        var expressions = all.Exists(NeedsExpressions);
        var built = new List<Location>(all.Count);
        foreach (var location in all)
        {
            var (path, exact) = (location.Pattern.Path, location.Pattern.Exact);
            var pattern = expressions ? PathPattern.Expression(path, exact) : location.Pattern;
            var rewrite = NeedsRewrite(location) ? PathRewrite.Create(path, location.Settings.RewriteTarget!) : null;
            if (pattern is null)
            {
                problems.Add($"{location.Ingress}: the path {path} of host {name} is no regular expression");
                continue;
            }

            built.Add(location with { Pattern = pattern, Rewrite = rewrite });
        }

        built.Sort((a, b) => PathPattern.Compare(a.Pattern, b.Pattern));
        return new(name, built, Certificate);
    }

    private static bool NeedsExpressions(Location location) => location.Settings.UseRegex || NeedsRewrite(location);

    private static bool NeedsRewrite(Location location) => location.Settings.RewriteTarget is { } target && target != location.Pattern.Path;
}
