using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Fields;

/// <summary>The 409 of an apply that would change what others own. Source: k8s.io/apimachinery, util/managedfields/internal/conflict.go.</summary>
internal static class ApplyConflicts
{
    public static StatusException Of(IReadOnlyList<(ManagedEntry Entry, FieldSet Fields)> conflicts)
    {
        var items = conflicts
            .Select(c => (Manager: c.Entry.Describe(), Paths: c.Fields.Paths().Select(FieldPaths.Text).ToArray()))
            .OrderBy(c => c.Manager, StringComparer.Ordinal)
            .ToArray();
        var causes = items.SelectMany(c => c.Paths, (c, path) => new StatusCause { Type = "FieldManagerConflict", Message = $"conflict with {c.Manager}", Field = path }).ToArray();
        var text = causes.Length == 1
            ? $"Apply failed with 1 conflict: {causes[0].Message}: {causes[0].Field}"
            : $"Apply failed with {causes.Length} conflicts: {string.Join('\n', items.SelectMany(c => c.Paths.Select(p => $"- {p}").Prepend($"conflicts with {c.Manager}:")))}";
        var error = StatusErrors.Of(409, "Conflict", text);
        return new(error.Status with { Details = new StatusDetails { Causes = causes } });
    }
}
