using System.Globalization;

namespace Kobune.ApiServer.Aggregation;

/// <summary>Where a group version stands in discovery: both numbers of its APIService.</summary>
/// <param name="Group">groupPriorityMinimum.</param>
/// <param name="Version">versionPriority.</param>
internal readonly record struct ApiPriority(int Group, int Version);

/// <summary>The places of the group versions that this server answers itself.</summary>
internal static class ApiPriorities
{
    /// <summary>Of custom resources.</summary>
    public static readonly ApiPriority Custom = new(1000, 100);

    /// <summary>The aggregator's own group is before all others and has no APIService.</summary>
    public const string OwnGroup = "apiregistration.k8s.io";

    private static readonly Lazy<Dictionary<(string, string), ApiPriority>> Table = new(Load);

    /// <summary>Null for a group version that is not built in.</summary>
    public static ApiPriority? Find(string group, string version) => Table.Value.TryGetValue((group, version), out var found) ? found : null;

    /// <summary>How far in front a group of this server is.</summary>
    public static int OfGroup(string group) =>
        group == OwnGroup ? int.MaxValue : Table.Value.Where(t => t.Key.Item1 == group).Select(t => t.Value.Group).FirstOrDefault(Custom.Group);

    private static Dictionary<(string, string), ApiPriority> Load()
    {
        using var reader = new StreamReader(typeof(ApiPriorities).Assembly.GetManifestResourceStream("api-priorities.txt")!);
        var table = new Dictionary<(string, string), ApiPriority>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                var fields = line.Split(' ', '=', ',');
                table[(fields[0] == "core" ? "" : fields[0], fields[1])] = new(Number(fields[2]), Number(fields[3]));
            }
        }

        return table;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
