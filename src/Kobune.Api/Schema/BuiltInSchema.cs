using System.Text;
using Kobune.Api.Schema.Text;

namespace Kobune.Api.Schema;

/// <summary>Makes the model from the embedded text of schema/. Types are linked on first use: loading costs little more than reading the text.</summary>
internal sealed class BuiltInSchema
{
    private readonly Dictionary<string, SchemaType> _types = new(1024, StringComparer.Ordinal);
    private readonly Dictionary<string, SchemaEnum> _enums = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KindEntry> _kinds = new(StringComparer.Ordinal);

    private readonly int _minor;

    private BuiltInSchema(int minor)
    {
        _minor = minor;
    }

    /// <summary>The API of Kubernetes 1.MINOR.</summary>
    public static ApiSchema Load(int minor) => new BuiltInSchema(minor).Build();

    private ApiSchema Build()
    {
        var assembly = typeof(BuiltInSchema).Assembly;
        var files = new List<SchemaFile>();
        var groups = new List<GroupSchema>();
        foreach (var name in assembly.GetManifestResourceNames())
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

        var resources = new List<ResourceSchema>();
        var tables = new Dictionary<string, IReadOnlyList<ColumnSchema>>(StringComparer.Ordinal);
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var resource in file.Resources.Where(r => Exists(file, r)))
            {
                resources.Add(Resource(file, resource));
            }

            foreach (var table in file.Tables)
            {
                tables[table.Kind] = Columns(table);
            }

            foreach (var (kind, key) in file.Stored)
            {
                stored[kind] = key;
            }
        }

        var later = files.Where(f => f.Served).SelectMany(f => f.Resources.Where(r => !Exists(f, r)).Select(r => Resource(f, r)));
        return new(_types, _kinds, resources, groups, tables, stored) { Later = [.. later] };
    }

    private static List<GroupSchema> Groups(string text)
    {
        var groups = new List<GroupSchema>();
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                var words = line.Split(' ');
                groups.Add(new(words[0] == "core" ? "" : words[0], words[1..]));
            }
        }

        return groups;
    }

    private void Add(SchemaFile file)
    {
        var factory = new TypeFactory(file, Resolve, _enums, _minor);
        foreach (var constants in file.Enums)
        {
            _enums[file.Prefix + "." + constants.Name] = new(constants.Name, constants.Closed, constants.Values);
        }

        var missing = file.Resources.Where(r => !Exists(file, r)).SelectMany(r => new[] { r.Kind, r.ListKind }).ToHashSet();
        foreach (var text in file.Types)
        {
            var type = factory.Make(text);
            _types.Add(type.Id, type);
            if ((type.IsKind && !missing.Contains(text.Name)) || text.Name == "WatchEvent")
            {
                var group = file.Group == "core" ? "" : file.Group;
                Register(group, file.Version, type);
                if (text.ApiVersion is { } other)
                {
                    var (otherGroup, otherVersion) = ApiSchema.SplitApiVersion(other);
                    Register(otherGroup, otherVersion, type);
                }
                else if (group == "meta" && file.Version == "v1beta1")
                {
                    Register("meta.k8s.io", "v1beta1", type);
                }
            }
        }
    }

    private bool Exists(SchemaFile file, ResourceText resource) => file.Since <= _minor && resource.Since <= _minor;

    private void Register(string group, string version, SchemaType type) => _kinds[ApiSchema.Key(group, version, type.Name)] = new(group, version, type);

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
            DeprecationWarning = text.DeprecatedSince > 0 && text.DeprecatedSince <= _minor ? $"{(group.Length == 0 ? "" : group + "/")}{file.Version} {text.Kind} is deprecated in v1.{text.DeprecatedSince}+{text.Instead}" : "",
            IsServedByDefault = file.Served,
            StorageApiVersion = text.StorageVersion ?? "",
            StorageVersionHash = text.StorageVersionHash ?? "",
            KeyPrefix = text.Key ?? "",
            Subresources = [.. text.Subresources.Where(t => t.Since <= _minor).Select(t => Subresource(file, group, t))],
            Columns = Columns(text),
        };
    }

    private SubresourceSchema Subresource(SchemaFile file, string group, SubresourceText text)
    {
        var type = Resolve(file, text.Kind);
        if (!text.Kind.Contains('/', StringComparison.Ordinal))
        {
            return new(text.Name, type, group, file.Version, text.Kind, text.Verbs);
        }

        var (home, version) = ApiSchema.SplitApiVersion(text.Kind[..text.Kind.LastIndexOf('.')]);
        return new(text.Name, type, home == "core" ? "" : home, version, type.Name, text.Verbs);
    }

    private static ColumnSchema[] Columns(ResourceText text) =>
        Array.ConvertAll(text.Columns.ToArray(), c => new ColumnSchema(c.Name, c.Type, c.Format, c.Wide, c.From));
}
