using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>What a claim, or a template of claims, asks for.</summary>
internal static class DeviceClaimRules
{
    public const string AdminLabel = "resource.kubernetes.io/admin-access";
    private const string OneOfTwo = "exactly one of `exactly` or `firstAvailable` is required";
    private const string BadReference = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

    /// <summary>One device of a class, where nothing else is said.</summary>
    public static void ApplyDefaults(JsonObject? spec)
    {
        foreach (var request in spec.Child("devices").Items("requests"))
        {
            if (request.Child("exactly") is { } exactly)
            {
                Count(exactly);
            }

            foreach (var sub in request.Items("firstAvailable"))
            {
                Count(sub);
            }
        }

        static void Count(JsonObject request)
        {
            request.DefaultEmpty("allocationMode", "ExactCount");
            if (request.Text("allocationMode") == "ExactCount" && (request.Number("count") ?? 0) == 0)
            {
                request["count"] = 1;
            }
        }
    }

    /// <summary>Devices that others use are for namespaces alone that an administrator has labelled.</summary>
    public static void CheckAdminAccess(StrategyContext context, JsonObject obj, JsonObject? spec, string kind)
    {
        var requests = spec.Child("devices").Items("requests").ToArray();
        var at = Array.FindIndex(requests, r => r.Child("exactly").Flag("adminAccess") == true);
        if (at >= 0)
        {
            Refuse(context, obj, kind, $"spec.devices.requests[{at}].adminAccess");
        }
    }

    public static void Refuse(StrategyContext context, JsonObject obj, string kind, string path)
    {
        if (context.Objects.Find<Namespace>("", obj.Meta().TextAt("namespace"))?.Metadata.Labels.GetValueOrDefault(AdminLabel) == "true")
        {
            return;
        }

        var errors = new FieldErrors();
        errors.Forbidden(path, $"admin access to devices requires the `{AdminLabel}: true` label on the containing namespace");
        throw StatusErrors.Invalid("resource.k8s.io", kind, obj.Meta().TextAt("name"), errors);
    }

    public static void Check(FieldErrors errors, string path, DeviceClaim claim)
    {
        DeviceRules.List(errors, path + ".requests", claim.Requests, DeviceRules.Most, (at, request) => Request(errors, at, request), r => r.Name);
        DeviceRules.List(errors, path + ".constraints", claim.Constraints, DeviceRules.Most, (at, constraint) =>
        {
            DeviceRules.List(errors, at + ".requests", constraint.Requests, DeviceRules.Most, (place, name) => Reference(errors, place, name, claim), n => n);
            if (constraint.MatchAttribute is { } match)
            {
                DeviceRules.FullyQualifiedName(errors, at + ".matchAttribute", match);
            }
            else if (constraint.DistinctAttribute is { } distinct)
            {
                DeviceRules.FullyQualifiedName(errors, at + ".distinctAttribute", distinct);
            }
            else
            {
                errors.Required(at, "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set");
            }
        });
        DeviceRules.List(errors, path + ".config", claim.Config, DeviceRules.Most, (at, config) =>
        {
            DeviceRules.List(errors, at + ".requests", config.Requests, DeviceRules.Most, (place, name) => Reference(errors, place, name, claim), n => n);
            DeviceRules.Opaque(errors, at, config.Opaque);
        });
    }

    /// <summary>The name of a request, or "request/subrequest".</summary>
    public static void Reference(FieldErrors errors, string path, string name, DeviceClaim claim)
    {
        var parts = name.Split('/');
        foreach (var part in parts.Length > 2 ? [] : parts)
        {
            DeviceRules.Label(errors, path, part);
        }

        var request = claim.Requests.FirstOrDefault(r => r.Name == parts[0]);
        if (parts.Length > 2 || request is null || (parts.Length == 2 && !request.FirstAvailable.Any(s => s.Name == parts[1])))
        {
            errors.Invalid(path, name, BadReference);
        }
    }

    private static void Request(FieldErrors errors, string path, DeviceRequest request)
    {
        DeviceRules.Label(errors, path + ".name", request.Name);
        if (request.Exactly is not null && request.FirstAvailable.Count > 0)
        {
            errors.Invalid(path, "null", OneOfTwo + ", but multiple fields are set");
        }
        else if (request.Exactly is { } exactly)
        {
            Device(errors, path + ".exactly", exactly.DeviceClassName, exactly.Selectors, exactly.AllocationMode, exactly.Count, exactly.Tolerations);
        }
        else if (request.FirstAvailable.Count > 0)
        {
            DeviceRules.List(errors, path + ".firstAvailable", request.FirstAvailable, 8, (at, sub) =>
            {
                DeviceRules.Label(errors, at + ".name", sub.Name);
                Device(errors, at, sub.DeviceClassName, sub.Selectors, sub.AllocationMode, sub.Count, sub.Tolerations);
            }, s => s.Name);
        }
        else
        {
            errors.Required(path, OneOfTwo);
        }
    }

    private static void Device(FieldErrors errors, string path, string deviceClass, IReadOnlyList<DeviceSelector> selectors, string mode, long count, IReadOnlyList<DeviceToleration> tolerations)
    {
        errors.RequiredName(path + ".deviceClassName", deviceClass, NameValidation.Dns1123Subdomain);
        DeviceRules.Selectors(errors, path + ".selectors", selectors);
        if (mode == "All" && count != 0)
        {
            errors.Invalid(path + ".count", count, "must not be specified when allocationMode is 'All'");
        }
        else if (mode == "ExactCount" && count <= 0)
        {
            errors.Invalid(path + ".count", count, "must be greater than zero");
        }
        else if (mode is not ("All" or "ExactCount"))
        {
            errors.NotSupported(path + ".allocationMode", mode, ["All", "ExactCount"]);
        }

        DeviceRules.Tolerations(errors, path + ".tolerations", tolerations);
    }
}
