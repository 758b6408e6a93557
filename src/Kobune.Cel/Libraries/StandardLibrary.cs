using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Operators and functions of the language definition (cel-go's common/stdlib).</summary>
internal static class StandardLibrary
{
    private static readonly CelType A = CelType.Parameter("A");
    private static readonly CelType B = CelType.Parameter("B");
    private static readonly CelType ListOfA = CelType.List(A);
    private static readonly CelType MapOfAB = CelType.Map(A, B);

    private static readonly (string Name, CelType Type)[] Numbers = [("int64", CelType.Int), ("uint64", CelType.Uint), ("double", CelType.Double)];

    public static readonly CelLibrary Library = Build();

    private static CelLibrary Build()
    {
        var library = new LibraryBuilder("standard");
        Logic(library);
        Relations(library);
        Arithmetic(library);
        Collections(library);
        Strings(library);
        ConversionFunctions.AddTo(library);
        TimeFunctions.AddTo(library);
        Types(library);
        return library.Build();
    }

    private static void Logic(LibraryBuilder library) => library
        .Operator(CelOperators.Conditional, "conditional", [CelType.Bool, A, A], A)
        .Operator(CelOperators.And, "logical_and", [CelType.Bool, CelType.Bool], CelType.Bool)
        .Operator(CelOperators.Or, "logical_or", [CelType.Bool, CelType.Bool], CelType.Bool)
        .Operator(CelOperators.Not, "logical_not", [CelType.Bool], CelType.Bool)
        .Operator(CelOperators.NotStrictlyFalse, "not_strictly_false", [CelType.Bool], CelType.Bool)
        .Operator(CelOperators.Equal, "equals", [A, A], CelType.Bool)
        .Operator(CelOperators.NotEqual, "not_equals", [A, A], CelType.Bool);

    private static void Relations(LibraryBuilder library)
    {
        (string Function, string Name)[] relations =
            [(CelOperators.Less, "less"), (CelOperators.LessOrEqual, "less_equals"), (CelOperators.Greater, "greater"), (CelOperators.GreaterOrEqual, "greater_equals")];
        (string, CelType)[] others = [("bool", CelType.Bool), ("string", CelType.String), ("bytes", CelType.Bytes), ("timestamp", CelType.Timestamp), ("duration", CelType.Duration)];
        foreach (var (function, name) in relations)
        {
            foreach (var (type, declared) in others.Concat(Numbers))
            {
                library.Operator(function, $"{name}_{type}", [declared, declared], CelType.Bool);
            }

            foreach (var (left, right) in Numbers.SelectMany(_ => Numbers, (l, r) => (l, r)).Where(p => p.l.Name != p.r.Name))
            {
                library.Operator(function, $"{name}_{left.Name}_{right.Name}", [left.Type, right.Type], CelType.Bool);
            }
        }
    }

    /// <summary>In cel-go's order (common/stdlib/standard.go): where a type is open, the first that fits gives it.</summary>
    private static void Arithmetic(LibraryBuilder library)
    {
        var (bytes, real, whole, natural, span, moment) = (CelType.Bytes, CelType.Double, CelType.Int, CelType.Uint, CelType.Duration, CelType.Timestamp);
        library
            .Operator(CelOperators.Add, "add_bytes", [bytes, bytes], bytes)
            .Operator(CelOperators.Add, "add_double", [real, real], real)
            .Operator(CelOperators.Add, "add_duration_duration", [span, span], span)
            .Operator(CelOperators.Add, "add_duration_timestamp", [span, moment], moment)
            .Operator(CelOperators.Add, "add_timestamp_duration", [moment, span], moment)
            .Operator(CelOperators.Add, "add_int64", [whole, whole], whole)
            .Operator(CelOperators.Add, "add_list", [ListOfA, ListOfA], ListOfA)
            .Operator(CelOperators.Add, "add_string", [CelType.String, CelType.String], CelType.String)
            .Operator(CelOperators.Add, "add_uint64", [natural, natural], natural)
            .Operator(CelOperators.Subtract, "subtract_double", [real, real], real)
            .Operator(CelOperators.Subtract, "subtract_duration_duration", [span, span], span)
            .Operator(CelOperators.Subtract, "subtract_int64", [whole, whole], whole)
            .Operator(CelOperators.Subtract, "subtract_timestamp_duration", [moment, span], moment)
            .Operator(CelOperators.Subtract, "subtract_timestamp_timestamp", [moment, moment], span)
            .Operator(CelOperators.Subtract, "subtract_uint64", [natural, natural], natural)
            .Operator(CelOperators.Modulo, "modulo_int64", [whole, whole], whole)
            .Operator(CelOperators.Modulo, "modulo_uint64", [natural, natural], natural)
            .Operator(CelOperators.Negate, "negate_double", [real], real)
            .Operator(CelOperators.Negate, "negate_int64", [whole], whole);
        foreach (var (function, name) in new[] { (CelOperators.Multiply, "multiply"), (CelOperators.Divide, "divide") })
        {
            library
                .Operator(function, name + "_double", [real, real], real)
                .Operator(function, name + "_int64", [whole, whole], whole)
                .Operator(function, name + "_uint64", [natural, natural], natural);
        }
    }

    private static void Collections(LibraryBuilder library)
    {
        library
            .Operator(CelOperators.Index, "index_list", [ListOfA, CelType.Int], A)
            .Operator(CelOperators.Index, "index_map", [MapOfAB, A], B)
            .Operator(CelOperators.In, "in_list", [A, ListOfA], CelType.Bool)
            .Operator(CelOperators.In, "in_map", [A, MapOfAB], CelType.Bool);
        foreach (var (name, type) in new[] { ("bytes", CelType.Bytes), ("list", ListOfA), ("map", MapOfAB), ("string", CelType.String) })
        {
            library
                .Global("size", $"size_{name}", [type], CelType.Int, a => CelInt.Of(a[0].Size!.Value))
                .Member("size", $"{name}_size", [type], CelType.Int, a => CelInt.Of(a[0].Size!.Value));
        }
    }

    private static void Strings(LibraryBuilder library) => library
        .Member("contains", "contains_string", [CelType.String, CelType.String], CelType.Bool, a => Bool(a[0].Text().Contains(a[1].Text(), StringComparison.Ordinal)))
        .Member("endsWith", "ends_with_string", [CelType.String, CelType.String], CelType.Bool, a => Bool(a[0].Text().EndsWith(a[1].Text(), StringComparison.Ordinal)))
        .Member("startsWith", "starts_with_string", [CelType.String, CelType.String], CelType.Bool, a => Bool(a[0].Text().StartsWith(a[1].Text(), StringComparison.Ordinal)))
        .Global("matches", "matches", [CelType.String, CelType.String], CelType.Bool, Matches)
        .Member("matches", "matches_string", [CelType.String, CelType.String], CelType.Bool, Matches);

    private static CelValue Matches(ReadOnlySpan<CelValue> a) =>
        Re2Pattern.Compile(a[1].Text()) is { } regex ? Bool(regex.IsMatch(a[0].Text())) : Error(Re2Pattern.Problem(a[1].Text()));

    private static void Types(LibraryBuilder library)
    {
        CelType[] types = [CelType.Bool, CelType.Bytes, CelType.Double, CelType.Duration, CelType.Int, CelType.DynList, CelType.DynMap, CelType.Null, CelType.String, CelType.Timestamp, CelType.Type, CelType.Uint];
        foreach (var type in types)
        {
            library.Type(type.Name, type);
        }
    }
}
