using System.Collections.Frozen;
using System.Text;
using Kobune.Api.Schema.Text;

namespace Kobune.Api.Schema;

/// <summary>Makes the model from the embedded text of schema/. Types are linked on first use: loading costs little more than reading the text.</summary>
internal sealed class BuiltInSchema
{
    private readonly Dictionary<string, SchemaType> _types = new(1024, StringComparer.Ordinal);
    private readonly Dictionary<string, SchemaEnum> _enums = new(StringComparer.Ordinal);
    private readonly List<(string Group, string Version, SchemaType Type)> _kinds = [];

    private BuiltInSchema()
    {
    }

    public static ApiSchema Load() => new BuiltInSchema().Build();

    private ApiSchema Build()
    {
        var assembly = typeof(BuiltInSchema).Assembly;
        var files = new List<SchemaFile>();
        var groups = new List<GroupSchema>();
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith("schema/", StringComparison.Ordinal))
            {
                continue;
            }

            using var stream = assembly.GetManifestResourceStream(name)!;
            using var reader = new StreamReader(stream, Encoding.UTF8, false, 1 << 16);
            var text = reader.ReadToEnd();
            if (name == "schema/groups")
            {
                groups.AddRange(Groups(text));
            }
            else
            {
                files.Add(SchemaParser.Parse(text));
            }
        }

        foreach (var file in files)
        {
            Add(file);
        }

        var resources = files.SelectMany(f => f.Resources.Select(r => Resource(f, r))).ToArray();
        return new(
            _types,
            _kinds,
            resources,
            groups,
            files.SelectMany(f => f.Tables).ToFrozenDictionary(t => t.Kind, t => Columns(t)),
            files.SelectMany(f => f.Stored).ToFrozenDictionary(s => s.Kind, s => s.Key));
    }

    private static IEnumerable<GroupSchema> Groups(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#').Select(l => l.Split(' ')).Select(w => new GroupSchema(w[0] == "core" ? "" : w[0], w[1..]));

    private void Add(SchemaFile file)
    {
        var factory = new TypeFactory(file, Resolve, _enums);
        foreach (var constants in file.Enums)
        {
            _enums[file.Prefix + "." + constants.Name] = new(constants.Name, constants.Closed, constants.Values);
        }

        foreach (var text in file.Types)
        {
            var type = factory.Make(text);
            _types.Add(type.Id, type);
            if (type.IsKind || text.Name == "WatchEvent")
            {
                var group = file.Group == "core" ? "" : file.Group;
                _kinds.Add((group, file.Version, type));
                if (text.ApiVersion is { } other)
                {
                    var (otherGroup, otherVersion) = ApiSchema.SplitApiVersion(other);
                    _kinds.Add((otherGroup, otherVersion, type));
                }
                else if (group == "meta" && file.Version == "v1beta1")
                {
                    _kinds.Add(("meta.k8s.io", "v1beta1", type));
                }
            }
        }
    }

    /// <summary>The type that a name means in a file: its own, else one of meta/v1, else a full id.</summary>
    private SchemaType Resolve(SchemaFile file, string name) =>
        _types.GetValueOrDefault(file.Prefix + "." + name) ?? _types.GetValueOrDefault("meta/v1." + name) ?? _types.GetValueOrDefault(name)
        ?? throw new FormatException($"{file.Prefix}: no type {name}");

    private ResourceSchema Resource(SchemaFile file, ResourceText text)
    {
        var group = file.Group == "core" ? "" : file.Group;
        return new()
        {
            Group = group,
            Version = file.Version,
            Plural = text.Plural,
            Kind = text.Kind,
            Type = Resolve(file, text.Kind),
            ListKind = text.ListKind ?? "",
            ListType = text.ListKind is null ? null : Resolve(file, text.ListKind),
            Singular = text.Singular,
            ShortNames = text.ShortNames,
            Categories = text.Categories,
            Namespaced = text.Namespaced,
            Verbs = text.Verbs,
            Deprecated = text.Deprecated,
            IsServedByDefault = file.Served,
            StorageApiVersion = text.StorageVersion ?? "",
            StorageVersionHash = text.StorageVersionHash ?? "",
            KeyPrefix = text.Key ?? "",
            Subresources = [.. text.Subresources.Select(s => Subresource(file, group, s))],
            Columns = Columns(text),
        };
    }

    private SubresourceSchema Subresource(SchemaFile file, string group, (string Name, string Kind, string[] Verbs) text)
    {
        var type = Resolve(file, text.Kind);
        if (!text.Kind.Contains('/', StringComparison.Ordinal))
        {
            return new(text.Name, type, group, file.Version, text.Kind, text.Verbs);
        }

        var (home, version) = ApiSchema.SplitApiVersion(text.Kind[..text.Kind.LastIndexOf('.')]);
        return new(text.Name, type, home == "core" ? "" : home, version, type.Name, text.Verbs);
    }

    private static IReadOnlyList<ColumnSchema> Columns(ResourceText text) => [.. text.Columns.Select(c => new ColumnSchema(c.Name, c.Type, c.Format, c.Wide, c.From))];
}
