using Kobune.Api.Networking.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Networking;

/// <summary>Where an ingress leads to: a port of a Service, or some other object.</summary>
internal static class IngressBackendRules
{
    public static void Validate(IngressBackend backend, string path, FieldErrors errors)
    {
        switch (backend)
        {
            case { Resource: not null, Service: not null }:
                errors.Invalid(path, "", "cannot set both resource and service backends");
                break;
            case { Resource: { } resource }:
                Reference(resource.APIGroup, resource.Kind, resource.Name, path + ".resource", errors);
                break;
            case { Service: { } service }:
                Service(service, path, errors);
                break;
            default:
                errors.Invalid(path, "", "resource or service backend is required");
                break;
        }
    }

    /// <summary>What is referred to by group, kind and name (upstream's validateIngressTypedLocalObjectReference).</summary>
    public static void Reference(string? group, string kind, string name, string path, FieldErrors errors)
    {
        if (group is not null)
        {
            errors.Names(path + ".apiGroup", group, NameValidation.Dns1123Subdomain(group));
        }

        Segment(kind, path, "kind", errors);
        Segment(name, path, "name", errors);
    }

    private static void Segment(string value, string path, string field, FieldErrors errors)
    {
        if (value.Length == 0)
        {
            errors.Required($"{path}.{field}", $"{field} is required");
        }
        else
        {
            errors.Names($"{path}.{field}", value, NameValidation.PathSegmentName(value));
        }
    }

    private static void Service(IngressServiceBackend service, string path, FieldErrors errors)
    {
        errors.RequiredName(path + ".service.name", service.Name, errors.Features.IsEnabled("RelaxedServiceNameValidation") ? NameValidation.Dns1123Label : NameValidation.Dns1035Label);
        switch (service.Port)
        {
            case { Name.Length: > 0, Number: not 0 }:
                errors.Invalid(path, "", "cannot set both port name & port number");
                break;
            case { Name: { Length: > 0 } name }:
                errors.Names(path + ".service.port.name", name, NameValidation.PortName(name));
                break;
            case { Number: not 0 and var number }:
                errors.Port(path + ".service.port.number", number);
                break;
            default:
                errors.Required(path, "port name or number is required");
                break;
        }
    }
}
