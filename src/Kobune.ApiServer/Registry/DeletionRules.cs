using System.Text.Json.Nodes;
using Kobune.Api.Meta.V1;

namespace Kobune.ApiServer.Registry;

/// <summary>When and how an object goes: grace, finalizers, propagation. Source: k8s.io/apiserver, registry/rest/delete.go and registry/generic/registry/store.go.</summary>
internal static class DeletionRules
{
    private const string Orphan = "orphan";
    private const string Foreground = "foregroundDeletion";

    /// <summary>Whether an update took away the last thing that held a deleted object.</summary>
    public static bool IsDueAfterUpdate(StoredKind kind, JsonObject obj, JsonObject live) =>
        live.Meta().TextAt("deletionTimestamp").Length > 0
        && (live.Meta().NumberAt("deletionGracePeriodSeconds") ?? 0) == 0
        && !IsHeld(kind, obj);

    /// <summary>Whether finalizers keep the object.</summary>
    public static bool IsHeld(StoredKind kind, JsonObject obj) =>
        obj.Meta().TextsAt("finalizers").Any()
        || (kind.Schema is { Group: "", Plural: "namespaces" } && (obj["spec"] as JsonObject).TextsAt("finalizers").Any());

    /// <summary>Seconds that an object is given, or null for kinds that go at once. Pods that run nowhere or have ended go at once.</summary>
    public static long? Grace(StoredKind kind, JsonObject obj, DeleteOptions options)
    {
        if (kind.Schema is not { Group: "", Plural: "pods" })
        {
            return null;
        }

        var spec = obj["spec"] as JsonObject;
        var seconds = options.GracePeriodSeconds ?? spec.NumberAt("terminationGracePeriodSeconds") ?? 30;
        if (spec.TextAt("nodeName").Length == 0 || (obj["status"] as JsonObject).TextAt("phase") is "Succeeded" or "Failed")
        {
            seconds = 0;
        }

        return seconds < 0 ? 1 : seconds; // negative means at least a second, as upstream has it
    }

    /// <summary>The finalizers that the propagation policy asks for, beside the object's own.</summary>
    public static List<string> FinalizersFor(StoredKind kind, JsonObject obj, DeleteOptions options)
    {
        var finalizers = obj.Meta().TextsAt("finalizers").ToList();
        var orphan = ShouldOrphan(kind, finalizers, options);
        var foreground = ShouldWaitForDependents(finalizers, options);
        finalizers.RemoveAll(f => f is Orphan or Foreground);
        if (kind.Schema is { Group: "apiextensions.k8s.io", Plural: "customresourcedefinitions" } && obj.Meta().TextAt("deletionTimestamp").Length == 0 && !finalizers.Contains(CustomResources.DefinitionNames.Finalizer))
        {
            finalizers.Add(CustomResources.DefinitionNames.Finalizer); // its objects go first
        }

        if (orphan)
        {
            finalizers.Add(Orphan);
        }
        else if (foreground)
        {
            finalizers.Add(Foreground);
        }

        return finalizers;
    }

    private static bool ShouldOrphan(StoredKind kind, List<string> finalizers, DeleteOptions options) => options switch
    {
        { OrphanDependents: { } asked } => asked,
        { PropagationPolicy: { } policy } => policy == "Orphan",
        _ => finalizers.Contains(Orphan) || (!finalizers.Contains(Foreground) && kind.Rules.DefaultDeletion == DeletionDefault.Orphan),
    };

    private static bool ShouldWaitForDependents(List<string> finalizers, DeleteOptions options) => options switch
    {
        { OrphanDependents: not null } => false,
        { PropagationPolicy: { } policy } => policy == "Foreground",
        _ => finalizers.Contains(Foreground),
    };
}
