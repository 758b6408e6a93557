using System.Globalization;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Kobune.Api.Tests.Generated;

/// <summary>
/// Properties of generated values, with FsCheck: the same ones in every run, so that no run is red by chance. KOBUNE_PROPERTY_SEED=7 asks for others, KOBUNE_PROPERTY_CASES=20
/// for more of them (times as many). What fails is made smaller field by field before it is shown.
/// </summary>
internal static class Property
{
    private static readonly ulong Seed = ulong.Parse(Environment.GetEnvironmentVariable("KOBUNE_PROPERTY_SEED") ?? "20", CultureInfo.InvariantCulture);
    private static readonly int Times = int.Parse(Environment.GetEnvironmentVariable("KOBUNE_PROPERTY_CASES") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>Checks <paramref name="holds"/> for so many generated objects; it returns what is wrong, or null.</summary>
    public static void Holds(Gen<JsonObject> objects, int cases, Func<JsonObject, string?> holds) =>
        Check.One(Settings(cases), Prop.ForAll(Arb.From(objects, Smaller), obj => Verdict(holds(obj), obj)));

    /// <summary>Checks <paramref name="holds"/> for so many pairs.</summary>
    public static void Holds(Gen<JsonObject> first, Gen<JsonObject> second, int cases, Func<JsonObject, JsonObject, string?> holds) =>
        Check.One(Settings(cases), Prop.ForAll(Arb.From(first, Smaller), Arb.From(second, Smaller), (a, b) => Verdict(holds(a, b), a, b)));

    private static FsCheck.Property Verdict(string? wrong, params ReadOnlySpan<JsonObject> objects)
    {
        var label = wrong ?? "";
        foreach (var obj in wrong is null ? [] : objects)
        {
            label += "\n  of " + obj.ToJsonString();
        }

        return Prop.Label(wrong is null, label);
    }

    private static Config Settings(int cases) => Config.QuickThrowOnFailure.WithMaxTest(cases * Times).WithReplay(Seed, 1).WithQuietOnSuccess(true).WithStartSize(4).WithEndSize(40);

    /// <summary>The object without one of its fields or items, at every depth.</summary>
    private static IEnumerable<JsonObject> Smaller(JsonObject obj)
    {
        foreach (var path in Paths(obj, []).ToList())
        {
            var copy = (JsonObject)obj.DeepClone();
            JsonNode parent = copy;
            foreach (var step in path.SkipLast(1))
            {
                parent = step is int i ? parent[i]! : parent[(string)step]!;
            }

            if (path[^1] is int index)
            {
                parent.AsArray().RemoveAt(index);
            }
            else
            {
                parent.AsObject().Remove((string)path[^1]);
            }

            yield return copy;
        }
    }

    private static IEnumerable<List<object>> Paths(JsonNode? node, List<object> at)
    {
        var steps = node switch
        {
            JsonObject map => map.Select(p => ((object)p.Key, p.Value)),
            JsonArray list => list.Select((item, i) => ((object)i, item)),
            _ => [],
        };
        foreach (var (step, child) in steps)
        {
            List<object> path = [.. at, step];
            yield return path;
            foreach (var below in Paths(child, path))
            {
                yield return below;
            }
        }
    }
}
