using Kobune.Cel.Costs;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Schemas;

/// <summary>Types, fields and sizes of a schema, for variables such as self and oldSelf. Immutable.</summary>
public sealed class CelSchemaTypes : ICelTypeProvider, ICelSizes
{
    private readonly CelDeclaration _root;
    private readonly Dictionary<string, CelDeclaration> _objects = [];

    private CelSchemaTypes(CelDeclaration root)
    {
        _root = root;
        Collect(root);
    }

    /// <summary>The type of a value of the schema.</summary>
    public CelType Type => _root.Type;

    /// <summary>The most elements, entries or octets that a value can have; zero for types without size.</summary>
    public long MaxElements => _root.MaxElements;

    /// <summary>The fewest octets that a value can have in JSON.</summary>
    public long MinSize => _root.MinSize;

    /// <summary>
    /// The types of a schema, or null when expressions cannot see values of it. Names of its object types begin with
    /// <paramref name="name"/>, which must be no variable's name: a path such as self.spec would name a type.
    /// <paramref name="isResource"/>: the schema is a resource's root, so apiVersion, kind and metadata's name are there.
    /// </summary>
    public static CelSchemaTypes? Of(CelSchema schema, string name, bool isResource) =>
        CelDeclaration.Of(schema, name, isResource) is { } root ? new(root) : null;

    public CelType? FindType(string name) => _objects.TryGetValue(name, out var found) ? found.Type : null;

    /// <summary>A field; one that is called as a word of CEL is found by its own name, too, which a selection can have.</summary>
    public CelType? FindField(string typeName, string field) =>
        _objects.TryGetValue(typeName, out var found) && (found.Fields!.TryGetValue(field, out var declared) || found.Fields.TryGetValue($"__{field}__", out declared))
            ? declared.Type : null;

    /// <summary>Expressions do not make objects of schemas.</summary>
    public CelValue? Create(string typeName, IReadOnlyDictionary<string, CelValue> fields) => null;

    /// <summary>The size of what is at a path; the path's first name is the variable that has the schema.</summary>
    public CelRange? Find(IReadOnlyList<string> path, CelType type)
    {
        if (path.Count == 0)
        {
            return null;
        }

        var current = _root;
        for (var i = 1; i < path.Count; i++)
        {
            var next = path[i] switch
            {
                "@items" or "@values" => current.Element,
                "@keys" => current.KeyType,
                var field => current.Fields?.GetValueOrDefault(field),
            };
            if (next is null)
            {
                return null;
            }

            current = next;
        }

        return new(0, (ulong)current.MaxElements);
    }

    private void Collect(CelDeclaration declaration)
    {
        if (declaration.Fields is { } fields)
        {
            _objects[declaration.Type.Name] = declaration;
            foreach (var field in fields.Values)
            {
                Collect(field);
            }
        }

        if (declaration.Element is { } element)
        {
            Collect(element);
        }
    }
}
