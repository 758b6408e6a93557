using Kobune.Api.Schema.Text;

namespace Kobune.Api.Generator;

/// <summary>All types by id, and how a name in one file is resolved: its own file first, then meta/v1, else a full id.</summary>
internal sealed class TypeCatalog
{
    private const string Meta = "meta/v1";

    private readonly Dictionary<string, (SchemaFile File, TypeText Type)> _types = [];

    public TypeCatalog(IEnumerable<SchemaFile> files)
    {
        foreach (var file in files)
        {
            foreach (var type in file.Types)
            {
                _types.Add(file.Prefix + "." + type.Name, (file, type));
            }
        }
    }

    /// <summary>The type that a name means in a file.</summary>
    public (SchemaFile File, TypeText Type) Resolve(SchemaFile file, string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return Find(name) ?? throw new FormatException($"{file.Prefix}: no type {name}");
        }

        return Find(file.Prefix + "." + name) ?? Find(Meta + "." + name) ?? throw new FormatException($"{file.Prefix}: no type {name}");
    }

    /// <summary>The fields of a type as properties of its record: inline types are flattened into it.</summary>
    public IEnumerable<(SchemaFile File, FieldText Field)> Properties(SchemaFile file, TypeText type)
    {
        foreach (var field in type.Fields)
        {
            if (!field.Inline)
            {
                yield return (file, field);
                continue;
            }

            var (innerFile, inner) = Resolve(file, field.Type);
            foreach (var property in Properties(innerFile, inner))
            {
                yield return property;
            }
        }
    }

    private (SchemaFile File, TypeText Type)? Find(string id) => _types.TryGetValue(id, out var found) ? found : null;
}
