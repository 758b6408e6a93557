using Kobune.Api.Schema.Text;

namespace Kobune.Api.Generator;

/// <summary>One record: properties, equality, hash, JSON codec. Kept small per field, since all of it is compiled ahead of time into one binary.</summary>
internal sealed class RecordEmitter(TypeCatalog catalog, SchemaFile file, TypeText type, SourceText source)
{
    private const int HashedFields = 5;

    private sealed record Property(string Name, string Backing, string JsonName, PropertyShape Shape);

    private readonly List<Property> _properties = [.. catalog.Properties(file, type).Select(p => Make(catalog, type, p.File, p.Field))];

    public void Emit()
    {
        var resource = file.Resources.FirstOrDefault(r => r.Kind == type.Name);
        var hasMeta = type.Form == TypeForm.Kind && _properties.Any(p => p.Shape.Type == "global::Kobune.Api.Meta.V1.ObjectMeta" && p.Name == "Metadata");
        var items = _properties.FirstOrDefault(p => p.Name == "Items");
        var isList = type.Form == TypeForm.Kind && items is not null && _properties.Any(p => p.Name == "Metadata" && p.Shape.Type.EndsWith("ListMeta", StringComparison.Ordinal));
        var interfaces = $"IJsonRecord<{type.Name}>";
        if (hasMeta)
        {
            interfaces = resource is null ? interfaces + ", IKubernetesObject" : $"IKubernetesObject<{type.Name}>";
        }
        else if (isList)
        {
            interfaces += $", IKubernetesList<{items!.Shape.Type["IReadOnlyList<".Length..^1]}>";
        }

        source.Line($"/// <summary>{file.Prefix}.{type.Name} of the schema.</summary>");
        source.Open($"public sealed partial record {type.Name} : {interfaces}");
        source.Line($"public static {type.Name} Empty {{ get; }} = new();");
        if (hasMeta && resource is not null)
        {
            var group = file.Group == "core" ? "" : file.Group;
            source.Line($"public static ResourceDescriptor Resource {{ get; }} = new(\"{group}\", \"{file.Version}\", \"{type.Name}\", \"{resource.Plural}\", {(resource.Namespaced ? "true" : "false")});");
            source.Line($"public {type.Name} WithMetadata(global::Kobune.Api.Meta.V1.ObjectMeta metadata) => this with {{ Metadata = metadata }};");
        }

        EmitProperties();
        EmitEquality();
        EmitRead();
        EmitWrite();
        source.Line("public override string ToString() => JsonText.Of(this);");
        source.Line("private bool PrintMembers(System.Text.StringBuilder text) => false;");
        source.Close();
    }

    private static Property Make(TypeCatalog catalog, TypeText type, SchemaFile home, FieldText field)
    {
        var name = Names.Property(field.GoName, type.Name);
        return new(name, Names.BackingField(name), field.Name, PropertyShape.Of(catalog, home, field));
    }

    private string ApiVersion => type.ApiVersion ?? file.ApiVersion ?? (file.Group == "core" ? file.Version : file.Prefix);

    private void EmitProperties()
    {
        if (type.Form == TypeForm.Kind)
        {
            source.Line($"private string _apiVersion = \"{ApiVersion}\", _kind = \"{type.Name}\";");
            source.Line("public string ApiVersion { get => _apiVersion; init => _apiVersion = value; }");
            source.Line("public string Kind { get => _kind; init => _kind = value; }");
        }

        foreach (var property in _properties)
        {
            var initial = property.Shape.Default.Length == 0 ? "" : " = " + property.Shape.Default;
            source.Line($"private {property.Shape.Type} {property.Backing}{initial};");
            source.Line($"public {property.Shape.Type} {property.Name} {{ get => {property.Backing}; init => {property.Backing} = value; }}");
        }
    }

    private void EmitEquality()
    {
        var terms = _properties.Select(p => p.Shape.Equal.Replace("@", p.Backing, StringComparison.Ordinal).Replace("$", "o." + p.Backing, StringComparison.Ordinal)).ToList();
        if (type.Form == TypeForm.Kind)
        {
            terms.Insert(0, "_kind == o._kind && _apiVersion == o._apiVersion");
        }

        terms.Insert(0, "o is not null");
        source.Line($"public bool Equals({type.Name}? o) => ReferenceEquals(this, o) || ({string.Join(" && ", terms)});");
        var hashed = _properties.Where(p => p.Shape.Hashable).Take(HashedFields).Select(p => p.Backing).ToList();
        var hash = hashed.Count > 0 ? $"HashCode.Combine({string.Join(", ", hashed)})" : _properties.Count == 0 ? "0" : string.Join(" + ", _properties.Select(p => p.Shape.Type.StartsWith("IReadOnly", StringComparison.Ordinal) ? p.Backing + ".Count" : "1"));
        source.Line($"public override int GetHashCode() => {hash};");
    }

    private void EmitRead()
    {
        source.Open($"public static {type.Name} ReadJson(ref Utf8JsonReader r)");
        source.Line($"var o = new {type.Name}();");
        source.Line("if (!JsonRead.StartObject(ref r)) return o;");
        source.Open("while (JsonRead.Property(ref r, out var n))");
        var statements = _properties.Select(p => (p.JsonName, Statement: $"o.{p.Backing} = {p.Shape.Read};"));
        if (type.Form == TypeForm.Kind)
        {
            statements = statements.Prepend(("kind", "o._kind = JsonRead.Like(ref r, o._kind);")).Prepend(("apiVersion", "o._apiVersion = JsonRead.Like(ref r, o._apiVersion);"));
        }

        var byLength = statements.GroupBy(p => p.JsonName.Length).OrderBy(g => g.Key).ToList();
        if (byLength.Count > 0)
        {
            source.Open("switch (n.Length)");
            foreach (var group in byLength)
            {
                source.Line($"case {group.Key}:");
                foreach (var (jsonName, statement) in group)
                {
                    source.Line($"    if (n.SequenceEqual(\"{jsonName}\"u8)) {{ {statement} continue; }}");
                }

                source.Line("    break;");
            }

            source.Close();
        }

        source.Line("JsonRead.Skip(ref r);");
        source.Close();
        source.Line("return o;");
        source.Close();
    }

    private void EmitWrite()
    {
        source.Open("public void WriteJson(Utf8JsonWriter w)");
        source.Line("w.WriteStartObject();");
        if (type.Form == TypeForm.Kind)
        {
            source.Line("JsonWrite.TypeMeta(w, _kind, _apiVersion);");
        }

        foreach (var property in _properties)
        {
            source.Line(property.Shape.Write.Replace("#", $"\"{property.JsonName}\"u8", StringComparison.Ordinal).Replace("@", property.Backing, StringComparison.Ordinal));
        }

        source.Line("w.WriteEndObject();");
        source.Close();
    }
}
