using System.Globalization;
using Kobune.Api.Schema;
using Kobune.ApiServer.Fields;
using Kobune.Cel.Schemas;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>
/// Values of expressions that have a form in JSON but that no field of an apply configuration takes: null, moments, durations and bytes. Upstream hands them to the merge as values of
/// Go, whose types no schema knows (sigs.k8s.io/structured-merge-diff, typed/validate.go). Where no schema is, they pass.
/// </summary>
internal static class UnfitValues
{
    /// <summary>The first that does not fit, in upstream's words; null for none.</summary>
    public static string? ProblemOf(CelValue value, FieldShape shape, string path = "") => value switch
    {
        MutationObject made => made.Fields.Select(f => ProblemOf(f.Value, shape.Child(f.Key), $"{path}.{f.Key}")).FirstOrDefault(p => p is not null),
        CelMap map => map.Keys.Select(k => ProblemOf(map.Find(k)!, shape.Child(k.ToString()!), $"{path}.{k}")).FirstOrDefault(p => p is not null),
        CelList list => Enumerable.Range(0, list.Count).Select(i => ProblemOf(list[i], shape.Item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"))).FirstOrDefault(p => p is not null),
        CelNull or CelTimestamp or CelDuration or CelBytes when shape.Type is { } type && Expected(type.Shape, value) is { } expected => $"{path}: {expected}",
        _ => null,
    };

    private static string? Expected(SchemaShape shape, CelValue value) => shape switch
    {
        SchemaShape.Object or SchemaShape.Map => $"expected map, got &{{{Plain(value)}}}",
        SchemaShape.List => $"expected list, got &{{{Plain(value)}}}",
        SchemaShape.Boolean => $"expected boolean, got &{{{Plain(value)}}}",
        SchemaShape.Int32 or SchemaShape.Int64 or SchemaShape.Double => $"expected numeric (int or float), got {GoType(value)}",
        SchemaShape.String or SchemaShape.Bytes => $"expected string, got &value.valueUnstructured{{Value:{Syntax(value)}}}",
        SchemaShape.Any or SchemaShape.Raw or SchemaShape.Union => null,
        _ => $"expected any scalar, got &{{{Plain(value)}}}",
    };

    private static string GoType(CelValue value) => value switch
    {
        CelTimestamp => "time.Time",
        CelDuration => "time.Duration",
        CelBytes => "[]uint8",
        _ => "structpb.NullValue",
    };

    /// <summary>As Go's %v.</summary>
    private static string Plain(CelValue value) => value switch
    {
        CelTimestamp moment => string.Create(CultureInfo.InvariantCulture, $"{Moment(moment):yyyy-MM-dd HH:mm:ss.FFFFFFF} +0000 UTC"),
        CelDuration duration => GoDuration.Format(duration.Nanoseconds),
        CelBytes bytes => $"[{string.Join(' ', bytes.Value.ToArray())}]",
        _ => "NULL_VALUE",
    };

    /// <summary>As Go's %#v.</summary>
    private static string Syntax(CelValue value) => value switch
    {
        CelTimestamp moment when Moment(moment) is var at =>
            string.Create(CultureInfo.InvariantCulture, $"time.Date({at.Year}, time.{at:MMMM}, {at.Day}, {at.Hour}, {at.Minute}, {at.Second}, {moment.Nanoseconds}, time.UTC)"),
        CelDuration duration => duration.Nanoseconds.ToString(CultureInfo.InvariantCulture),
        CelBytes bytes => $"[]uint8{{{string.Join(", ", bytes.Value.ToArray().Select(b => string.Create(CultureInfo.InvariantCulture, $"0x{b:x}")))}}}",
        _ => "0",
    };

    private static DateTime Moment(CelTimestamp moment) => DateTime.UnixEpoch.AddSeconds(moment.Seconds).AddTicks(moment.Nanoseconds / 100);
}
