using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Values that may be absent (cel.OptionalTypes).</summary>
internal static class OptionalLibrary
{
    private static readonly CelType K = CelType.Parameter("K");
    private static readonly CelType V = CelType.Parameter("V");
    private static readonly CelType OptionalV = CelType.Optional(V);
    private static readonly CelType ListV = CelType.List(V);
    private static readonly CelType MapKV = CelType.Map(K, V);

    public static readonly CelLibrary Library = new LibraryBuilder("optional")
        .Type("optional_type", OptionalV)
        .Global("optional.of", "optional_of", [V], OptionalV, a => CelOptional.Of(a[0]))
        .Global("optional.ofNonZeroValue", "optional_ofNonZeroValue", [V], OptionalV, a => IsZero(a[0]) ? CelOptional.None : CelOptional.Of(a[0]))
        .Global("optional.none", "optional_none", [], OptionalV, _ => CelOptional.None)
        .Member("value", "optional_value", [OptionalV], V, a => ((CelOptional)a[0]).Value ?? Error("optional.none() dereference"))
        .Member("hasValue", "optional_hasValue", [OptionalV], CelType.Bool, a => Bool(((CelOptional)a[0]).Value is not null))
        .Member("or", "optional_or_optional", [OptionalV, OptionalV], OptionalV, a => ((CelOptional)a[0]).Value is null ? a[1] : a[0])
        .Member("orValue", "optional_orValue_value", [OptionalV, V], V, a => ((CelOptional)a[0]).Value ?? a[1])
        .Member("first", "list_first", [ListV], OptionalV, a => ((CelList)a[0]) is { Count: > 0 } list ? CelOptional.Of(list[0]) : CelOptional.None)
        .Member("last", "list_last", [ListV], OptionalV, a => ((CelList)a[0]) is { Count: > 0 } list ? CelOptional.Of(list[list.Count - 1]) : CelOptional.None)
        .Global("optional.unwrap", "optional_unwrap", [CelType.List(OptionalV)], ListV, a => Unwrap((CelList)a[0]))
        .Member("unwrapOpt", "optional_unwrapOpt", [CelType.List(OptionalV)], ListV, a => Unwrap((CelList)a[0]))
        .Operator(CelOperators.OptionalSelect, "select_optional_field", [CelType.Dyn, CelType.String], OptionalV)
        .Operator(CelOperators.OptionalIndex, "list_optindex_optional_int", [ListV, CelType.Int], OptionalV)
        .Operator(CelOperators.OptionalIndex, "optional_list_optindex_optional_int", [CelType.Optional(ListV), CelType.Int], OptionalV)
        .Operator(CelOperators.OptionalIndex, "map_optindex_optional_value", [MapKV, K], OptionalV)
        .Operator(CelOperators.OptionalIndex, "optional_map_optindex_optional_value", [CelType.Optional(MapKV), K], OptionalV)
        .Operator(CelOperators.Index, "optional_list_index_int", [CelType.Optional(ListV), CelType.Int], OptionalV)
        .Operator(CelOperators.Index, "optional_map_index_value", [CelType.Optional(MapKV), K], OptionalV)
        .Build();

    /// <summary>The values of those that are there.</summary>
    private static CelValue Unwrap(CelList list)
    {
        var values = new List<CelValue>(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not CelOptional optional)
            {
                return Error($"value {list[i]} is not optional");
            }

            if (optional.Value is { } value)
            {
                values.Add(value);
            }
        }

        return CelList.Of(values);
    }

    private static bool IsZero(CelValue value) => value switch
    {
        CelBool b => !b.Value,
        CelInt i => i.Value == 0,
        CelUint u => u.Value == 0,
        CelDouble d => d.Value == 0,
        CelDuration d => d.Nanoseconds == 0,
        CelTimestamp t => t is { Seconds: CelTimestamp.MinSeconds, Nanoseconds: 0 },
        CelNull => true,
        { Size: { } size } => size == 0,
        _ => false,
    };
}
