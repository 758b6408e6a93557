using Kobune.Api.Schema.Text;

namespace Kobune.Api.Schema;

/// <summary>Makes the types of one schema file.</summary>
/// <param name="minor">The minor release of Kubernetes whose types they are: fields of later ones are left out.</param>
/// <param name="isOn">Whether a feature gate is on.</param>
internal sealed class TypeFactory(SchemaFile file, Func<SchemaFile, string, SchemaType> resolve, Dictionary<string, SchemaEnum> enums, int minor, Func<string, bool> isOn)
{
    private const string MapPrefix = "map[string]";

    // What upstream stores as JSON, or not at all.
    private static readonly string[] AsJson = ["meta/", "apiextensions.k8s.io/", "apiregistration.k8s.io/", "authentication.k8s.io/", "authorization.k8s.io/", "admission.k8s.io/", "audit.k8s.io/"];

    private static readonly SchemaType String = new(SchemaShape.String) { GoName = "string" };
    private static readonly SchemaType Boolean = new(SchemaShape.Boolean) { GoName = "bool" };
    private static readonly SchemaType Int32 = new(SchemaShape.Int32) { GoName = "int32" };
    private static readonly SchemaType Int64 = new(SchemaShape.Int64) { GoName = "int64" };
    private static readonly SchemaType Double = new(SchemaShape.Double) { GoName = "float64" };
    private static readonly SchemaType Bytes = new(SchemaShape.Bytes) { GoName = "[]uint8" };
    private static readonly SchemaType Any = new(SchemaShape.Any) { GoName = "interface {}" };

    public SchemaType Make(TypeText text)
    {
        var id = file.Prefix + "." + text.Name;
        var goName = file.Version + "." + text.Name;
        var openApiName = OpenApiName(text.Name);
        return text.Form switch
        {
            TypeForm.Scalar => new(ScalarShape(text.Name)) { Id = id, Name = text.Name, GoName = ScalarGoName(text.Name, goName), OpenApiName = openApiName },
            TypeForm.List => new(SchemaShape.List, () => Reference(text.Item[2..])) { Id = id, Name = text.Name, GoName = goName, OpenApiName = openApiName, IsWrapped = true, Merge = MergeSemantics.Atomic },
            _ => new(text.Form == TypeForm.Union ? SchemaShape.Union : SchemaShape.Object, () => [.. text.Fields.Where(Exists).Select(Field)], () => text.Unions.ConvertAll(u => Union(text, u)))
            {
                Id = id,
                Name = text.Name,
                GoName = goName,
                OpenApiName = openApiName,
                IsKind = text.Form == TypeForm.Kind,
                ApiVersion = text.Form == TypeForm.Kind ? text.ApiVersion ?? file.ApiVersion ?? (file.Group == "core" ? file.Version : file.Prefix) : "",
                Merge = Semantics(text.Structure),
                HasProtobuf = !text.NoProtobuf,
                Deprecated = text.Deprecated,
            },
        };
    }

    private bool Exists(FieldText field) => field.Since <= minor;

    private SchemaUnion Union(TypeText type, UnionText union)
    {
        var members = union.Fields.Zip(union.Values).Where(m => type.Fields.Find(f => f.Name == m.First) is not { } field || Exists(field)).ToArray();
        return new(union.Discriminator, Array.ConvertAll(members, m => m.First), Array.ConvertAll(members, m => m.Second));
    }

    private SchemaField Field(FieldText text)
    {
        var isStruct = !text.Pointer && text.Type.Length > 0 && !text.Type.StartsWith('[') && !text.Type.StartsWith("map[", StringComparison.Ordinal) && IsStruct(text.Type);
        return new(text.Name, () => FieldType(text))
        {
            Number = text.Number,
            GoName = text.GoName,
            IsInline = text.Inline,
            IsPointer = text.Pointer,
            IsRequired = text.Required,
            IsAlwaysWritten = (!text.OmitEmpty || isStruct) && !text.OmitZero,
            IsNullWhenEmpty = text is { OmitEmpty: false, Number: > 0 } && text.Type.StartsWith("[]", StringComparison.Ordinal) && !Array.Exists(AsJson, g => file.Prefix.StartsWith(g, StringComparison.Ordinal)),
            GoTypeName = GoTypeName(text),
            Default = text.Default,
            Enum = text.Enum is null ? null : enums.GetValueOrDefault(text.Enum.Contains('/', StringComparison.Ordinal) ? text.Enum : file.Prefix + "." + text.Enum),
            Merge = Semantics(text.Structure),
            PatchStrategy = text.PatchStrategy,
            PatchMergeKey = text.PatchMergeKey,
            IsImmutable = text.Immutable,
            Deprecated = text.Deprecated,
            Gates = text.Gates,
            IsOff = !Array.TrueForAll(text.Gates, g => isOn(g)),
        };
    }

    /// <summary>Lists and maps are made per field, since their merging is said at the field.</summary>
    private SchemaType FieldType(FieldText text)
    {
        if (text.Type.StartsWith("[]", StringComparison.Ordinal))
        {
            var element = Reference(text.Type[2..]);
            return new(SchemaShape.List, () => element)
            {
                GoName = "[]" + (ElementGoName(text) ?? element.GoName),
                Merge = text.List switch { "set" => MergeSemantics.Set, "map" => MergeSemantics.Map, _ => MergeSemantics.Atomic },
                MergeIsMarked = text.List != "unmarked",
                ListKeys = text.ListKeys,
            };
        }

        if (text.Type.StartsWith(MapPrefix, StringComparison.Ordinal))
        {
            var element = Reference(text.Type[MapPrefix.Length..]);
            return new(SchemaShape.Map, () => element) { GoName = MapPrefix + element.GoName, Merge = text.AtomicMap ? MergeSemantics.Atomic : MergeSemantics.Default };
        }

        return Reference(text.Type);
    }

    private SchemaType Reference(string name) => name switch
    {
        "string" => String,
        "bool" => Boolean,
        "int32" => Int32,
        "int64" => Int64,
        "float64" => Double,
        "bytes" => Bytes,
        "any" => Any,
        _ => resolve(file, name),
    };

    private bool IsStruct(string name) => name switch
    {
        "string" or "bool" or "int32" or "int64" or "float64" or "bytes" or "any" => false,
        _ => resolve(file, name).Shape != SchemaShape.List,
    };

    /// <summary>A named string type shows up by its name in decoding errors.</summary>
    private string GoTypeName(FieldText text) => text.Enum is null || text.Type != "string" ? "" : EnumGoName(text.Enum);

    private string? ElementGoName(FieldText text) => text.Enum is null ? null : EnumGoName(text.Enum);

    private string EnumGoName(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? file.Version + "." + name : name[(slash + 1)..];
    }

    private static MergeSemantics Semantics(string text) => text switch { "atomic" => MergeSemantics.Atomic, "granular" => MergeSemantics.Granular, _ => MergeSemantics.Default };

    private static SchemaShape ScalarShape(string name) => name switch
    {
        "Time" => SchemaShape.Time,
        "MicroTime" => SchemaShape.MicroTime,
        "Duration" => SchemaShape.Duration,
        "Quantity" => SchemaShape.Quantity,
        "IntOrString" => SchemaShape.IntOrString,
        _ => SchemaShape.Raw,
    };

    private static string ScalarGoName(string name, string own) => name switch
    {
        "Quantity" => "resource.Quantity",
        "IntOrString" => "intstr.IntOrString",
        "RawExtension" or "Unknown" => "runtime." + name,
        _ => own,
    };

    private string OpenApiName(string name)
    {
        var package = name switch
        {
            "Quantity" => "k8s.io.apimachinery.pkg.api.resource",
            "IntOrString" => "k8s.io.apimachinery.pkg.util.intstr",
            "RawExtension" or "Unknown" when file.Group == "meta" => "k8s.io.apimachinery.pkg.runtime",
            _ => file.Package,
        };
        return "io.k8s." + package["k8s.io.".Length..].Replace('_', '-') + "." + name;
    }
}
