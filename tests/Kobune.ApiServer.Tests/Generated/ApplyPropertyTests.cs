using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Kobune.Api.Schema;
using Kobune.Api.Tests.Generated;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Tests.Generated;

/// <summary>What holds for server-side apply whatever is applied, over generated configurations of the kinds with the most kinds of lists.</summary>
public class ApplyPropertyTests
{
    private const int Cases = 25;

    public static TheoryData<string, string> Kinds => new()
    {
        { "v1", "ConfigMap" }, { "v1", "Pod" }, { "v1", "Service" }, { "v1", "Node" }, { "v1", "PersistentVolumeClaim" }, { "apps/v1", "Deployment" }, { "apps/v1", "StatefulSet" },
        { "batch/v1", "CronJob" }, { "networking.k8s.io/v1", "Ingress" }, { "networking.k8s.io/v1", "NetworkPolicy" }, { "rbac.authorization.k8s.io/v1", "ClusterRole" },
        { "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration" }, { "autoscaling/v2", "HorizontalPodAutoscaler" }, { "apiextensions.k8s.io/v1", "CustomResourceDefinition" },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Applying_the_same_again_changes_nothing(string apiVersion, string kind) => Holds(apiVersion, kind, (shape, config) =>
    {
        var once = Apply(Bare(config), config, "one", shape);
        return Same(once, Apply(once, config, "one", shape));
    });

    [Theory, MemberData(nameof(Kinds))]
    public void An_apply_on_nothing_makes_what_it_says(string apiVersion, string kind) => Holds(apiVersion, kind, (shape, config) =>
        Same(Content(config, shape), Content(Apply(Bare(config), config, "one", shape), shape)));

    [Theory, MemberData(nameof(Kinds))]
    public void Who_applies_a_part_with_the_same_values_shares_it_and_lets_go_without_harm(string apiVersion, string kind) => Holds(apiVersion, kind, (shape, config) =>
    {
        config = shape.Canonical(config); // a zero value that is not stored is new each time it is applied, and another's
        var one = Apply(Bare(config), config, "one", shape);
        var both = Apply(one, Half(config), "two", shape);
        var left = Apply(both, Bare(config), "two", shape);
        return Same(Content(one, shape), Content(both, shape)) ?? Same(Content(one, shape), Content(left, shape));
    });

    [Theory, MemberData(nameof(Kinds))]
    public void What_one_applied_and_no_longer_applies_is_gone(string apiVersion, string kind) => Holds(apiVersion, kind, (shape, config) =>
    {
        var all = Apply(Bare(config), config, "one", shape);
        var half = Apply(all, Half(config), "one", shape);
        return Same(Content(Half(config), shape), Content(half, shape)) ?? Same(Apply(half, Half(config), "one", shape), half);
    });

    [Theory, MemberData(nameof(Kinds))]
    public void A_forced_apply_wins_and_the_loser_meets_a_conflict_or_changes_nothing(string apiVersion, string kind)
    {
        var type = Api.Schema.ApiSchema.BuiltIn.FindKind(apiVersion, kind)!;
        var shape = new FieldShape(type);
        Property.Holds(SchemaObjects.Of(type).Select(o => Read(o, type)), SchemaObjects.Of(type).Select(o => Read(o, type)), Cases, (first, second) =>
        {
            (first, second) = (Named(first), Named(second));
            var one = Apply(Bare(first), first, "one", shape);
            var two = Apply(one, second, "two", shape, force: true);
            var again = Same(two, Apply(two, second, "two", shape));
            try
            {
                return again ?? Same(Content(two, shape), Content(Apply(two, first, "one", shape), shape));
            }
            catch (StatusException e) when (e.Status.Reason == "Conflict")
            {
                return again;
            }
        });
    }

    [Theory, MemberData(nameof(Kinds))]
    public void An_update_by_another_that_changes_nothing_owns_nothing(string apiVersion, string kind) => Holds(apiVersion, kind, (shape, config) =>
    {
        var one = Apply(Bare(config), config, "one", shape);
        var updated = (JsonObject)one.DeepClone();
        FieldManager.Update(one, updated, new FieldWriter("two", (string)config["apiVersion"]!, ""), [], shape, TimeProvider.System);
        return Same(one, updated);
    });

    [Theory, MemberData(nameof(Kinds))]
    public void What_a_write_takes_and_removes_is_what_the_canonical_forms_say(string apiVersion, string kind)
    {
        var type = Api.Schema.ApiSchema.BuiltIn.FindKind(apiVersion, kind)!;
        var shape = new FieldShape(type);
        Property.Holds(SchemaObjects.Of(type).Select(o => Read(o, type)), SchemaObjects.Of(type).Select(o => Read(o, type)), Cases, (first, second) =>
            Differs(null, first, shape) ?? Differs(first, second, shape) ?? Differs(first, Half(first), shape) ?? Differs(Half(first), first, shape) ?? Differs(first, first, shape));
    }

    private static string? Differs(JsonObject? live, JsonObject obj, FieldShape shape)
    {
        live = live is null ? null : shape.Canonical(live);
        var whole = FieldDiff.Between(live ?? shape.Canonical([]), shape.Canonical(obj), shape);
        var diff = FieldDiff.OfWrite(live, obj, shape);
        return whole.IsBroken != diff.IsBroken ? $"broken: {whole.IsBroken}, {diff.IsBroken}" : Same(whole.Taken.Encode(), diff.Taken.Encode()) ?? Same(whole.Removed.Encode(), diff.Removed.Encode());
    }

    private static void Holds(string apiVersion, string kind, Func<FieldShape, JsonObject, string?> holds)
    {
        var type = Api.Schema.ApiSchema.BuiltIn.FindKind(apiVersion, kind)!;
        Property.Holds(SchemaObjects.Of(type).Select(o => Read(o, type)), Cases, config => holds(new FieldShape(type), Named(config)));
    }

    private static JsonObject Read(JsonObject obj, SchemaType type)
    {
        var read = ObjectReader.Read(System.Text.Encoding.UTF8.GetBytes(obj.ToJsonString()), type);
        (read["apiVersion"], read["kind"]) = (type.ApiVersion, type.Name);
        var metadata = read.Meta();
        foreach (var name in metadata.Select(p => p.Key).Where(n => n is not ("labels" or "annotations" or "finalizers")).ToList())
        {
            metadata.Remove(name); // what field management never tracks, and ownerReferences, whose items may lack their key
        }

        return Named(read);
    }

    private static JsonObject Named(JsonObject obj)
    {
        obj.Meta()["name"] = "a";
        return obj;
    }

    private static JsonObject Bare(JsonObject config) => new() { ["apiVersion"] = (string)config["apiVersion"]!, ["kind"] = (string)config["kind"]!, ["metadata"] = new JsonObject { ["name"] = "a" } };

    /// <summary>What is stored after an apply.</summary>
    private static JsonObject Apply(JsonObject live, JsonObject config, string manager, FieldShape shape, bool force = false) =>
        shape.Canonical(FieldApplier.Apply(live, (JsonObject)config.DeepClone(), new(new FieldWriter(manager, (string)config["apiVersion"]!, ""), force, [], shape, "2026-01-01T00:00:00Z")));

    /// <summary>The configuration without every second field of its first two levels.</summary>
    private static JsonObject Half(JsonObject config)
    {
        var half = (JsonObject)config.DeepClone();
        foreach (var (name, value) in half.ToList())
        {
            if (name is not ("apiVersion" or "kind" or "metadata") && value is JsonObject inner)
            {
                foreach (var field in inner.Select(p => p.Key).Where((_, i) => i % 2 == 1).ToList())
                {
                    inner.Remove(field);
                }
            }
        }

        half.Meta().Remove("labels");
        return half;
    }

    /// <summary>An object as it is stored, without its managers: what is nothing is left out.</summary>
    private static JsonObject Content(JsonObject obj, FieldShape shape)
    {
        var copy = (JsonObject)obj.DeepClone();
        copy.Meta().Remove("managedFields");
        return (JsonObject)JsonNode.Parse(ObjectWriter.Write(copy, shape.Type!))!;
    }

    private static string? Same(JsonObject expected, JsonObject actual) =>
        JsonNode.DeepEquals(expected, actual) ? null : $"expected {expected.ToJsonString()}\n  actual   {actual.ToJsonString()}";
}
