using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Schemas;

/// <summary>An object that an expression of a mutation made.</summary>
public sealed class MutationObject : CelObject
{
    internal MutationObject(CelType type, IReadOnlyDictionary<string, CelValue> fields)
    {
        Type = type;
        Fields = fields;
    }

    public override CelType Type { get; }

    /// <summary>Its fields, by the names that were written.</summary>
    public IReadOnlyDictionary<string, CelValue> Fields { get; }

    public override CelValue? Field(string name) => Fields.GetValueOrDefault(name);

    public override bool EqualTo(CelValue other) =>
        other is MutationObject made && made.Type.Equals(Type) && made.Fields.Count == Fields.Count
        && Fields.All(f => made.Fields.TryGetValue(f.Key, out var theirs) && f.Value.EqualTo(theirs));

    /// <summary>All objects inside whose type names do not follow the fields that lead to them: <c>Object.spec</c> is at spec.</summary>
    public IReadOnlyList<string> CheckTypeNames()
    {
        var problems = new List<string>();
        Check(this, Type.Name, problems);
        return problems;
    }

    private static void Check(CelValue value, string path, List<string> problems)
    {
        switch (value)
        {
            case MutationObject made:
                if (made.Type.Name != path)
                {
                    problems.Add($"unexpected type name {GoText.Quote(made.Type.Name)}, expected {GoText.Quote(path)}, which matches field name path from root Object type");
                }

                foreach (var (name, field) in made.Fields)
                {
                    Check(field, $"{path}.{name}", problems);
                }

                break;
            case CelList list:
                for (var i = 0; i < list.Count; i++)
                {
                    Check(list[i], path, problems);
                }

                break;
            case CelMap map:
                foreach (var key in map.Keys)
                {
                    Check(map.Find(key)!, path, problems);
                }

                break;
        }
    }
}
