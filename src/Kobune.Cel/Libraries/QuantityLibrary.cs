using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' quantities.</summary>
internal static class QuantityLibrary
{
    private static readonly CelType Q = CelQuantity.QuantityType;

    public static readonly CelLibrary Library = new LibraryBuilder("quantity")
        .Type(Q.Name, Q)
        .Global("quantity", "string_to_quantity", [CelType.String], Q, a => CelQuantity.Parse(a[0].Text(), out var problem) ?? (CelValue)Error(problem))
        .Global("isQuantity", "is_quantity_string", [CelType.String], CelType.Bool, a => Bool(CelQuantity.Parse(a[0].Text(), out _) is not null))
        .Global("sign", "quantity_sign", [Q], CelType.Int, a => CelInt.Of(Quantity(a[0]).Sign))
        .Member("isGreaterThan", "quantity_is_greater_than", [Q, Q], CelType.Bool, a => Bool(a[0].CompareWith(a[1]) > 0))
        .Member("isLessThan", "quantity_is_less_than", [Q, Q], CelType.Bool, a => Bool(a[0].CompareWith(a[1]) < 0))
        .Member("compareTo", "quantity_compare_to", [Q, Q], CelType.Int, a => CelInt.Of(Math.Sign(a[0].CompareWith(a[1])!.Value)))
        .Member("asApproximateFloat", "quantity_get_float", [Q], CelType.Double, a => new CelDouble(Quantity(a[0]).AsDouble()))
        .Member("asInteger", "quantity_get_int", [Q], CelType.Int, a => Quantity(a[0]).AsInteger() is { } value ? CelInt.Of(value) : Error("cannot convert value to integer"))
        .Member("isInteger", "quantity_is_integer", [Q], CelType.Bool, a => Bool(Quantity(a[0]).AsInteger() is not null))
        .Member("add", "quantity_add", [Q, Q], Q, a => Quantity(a[0]).Add(Quantity(a[1])))
        .Member("add", "quantity_add_int", [Q, CelType.Int], Q, a => Quantity(a[0]).Add(CelQuantity.Of(a[1].Int())))
        .Member("sub", "quantity_sub", [Q, Q], Q, a => Quantity(a[0]).Add(Quantity(a[1]), negate: true))
        .Member("sub", "quantity_sub_int", [Q, CelType.Int], Q, a => Quantity(a[0]).Add(CelQuantity.Of(a[1].Int()), negate: true))
        .Build();

    private static CelQuantity Quantity(CelValue value) => (CelQuantity)value;
}
