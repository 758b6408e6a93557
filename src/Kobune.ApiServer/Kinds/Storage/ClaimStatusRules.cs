using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>What a claim has, and how far a resize has come. Source: pkg/apis/core/validation, ValidatePersistentVolumeClaimStatusUpdate.</summary>
internal static class ClaimStatusRules
{
    private const string Statuses = "status.allocatedResourceStatuses";
    private const string Allocated = "status.allocatedResources";
    private static readonly string[] Known = ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizePending", "NodeResizeInProgress", "NodeResizeInfeasible"];

    public static void Validate(PersistentVolumeClaimStatus status, FieldErrors errors)
    {
        foreach (var (name, size) in status.Capacity)
        {
            Amount(size, $"status.capacity[{name}]", errors);
        }

        if (!errors.Features.IsEnabled("RecoverVolumeExpansionFailure"))
        {
            return;
        }

        foreach (var (name, state) in status.AllocatedResourceStatuses.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            Name(name, Statuses, errors);
            if (!Known.Contains(state))
            {
                errors.NotSupported(Statuses, name, Known.Order(StringComparer.Ordinal)); // upstream shows the key
            }
        }

        foreach (var (name, size) in status.AllocatedResources.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            if (Name(name, Allocated, errors))
            {
                Amount(size, $"{Allocated}[{name}]", errors);
            }
        }
    }

    private static void Amount(Quantity size, string path, FieldErrors errors)
    {
        if (size.Sign < 0)
        {
            errors.Invalid(path, size.Value, "must be a valid resource quantity");
        }
    }

    /// <summary>Of Kubernetes' own resources a claim has storage alone.</summary>
    private static bool Name(string name, string path, FieldErrors errors)
    {
        var problems = NameValidation.QualifiedName(name);
        errors.Names(path, name, problems);
        var isForeign = name != "storage" && ResourceNames.IsNative(name);
        if (problems.Count == 0 && isForeign)
        {
            errors.NotSupported(path, name, ["storage"]);
        }

        return problems.Count == 0 && !isForeign;
    }
}
