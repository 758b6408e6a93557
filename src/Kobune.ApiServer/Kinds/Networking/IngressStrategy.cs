using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Networking.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Networking;

/// <summary>Ingresses.</summary>
internal sealed class IngressStrategy : KindStrategy
{
    private static readonly string[] BadSequences = ["//", "/./", "/../", "%2f", "%2F"];

    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    public override (string Group, string Resource) Resource => ("networking.k8s.io", "ingresses");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var ingress = obj.Read<Ingress>();
        Validate(ingress.Spec, errors);
        if (ingress.Spec.IngressClassName is { } name && ingress.Metadata.Annotations.TryGetValue(ClassAnnotation, out var old) && old != name)
        {
            errors.Invalid($"annotations[{ClassAnnotation}]", old, "must match `ingressClassName` when both are specified");
        }
    }

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) =>
        old is null && obj.Read<Ingress>().Metadata.Annotations.ContainsKey(ClassAnnotation) ? [$"annotation \"{ClassAnnotation}\" is deprecated, please use 'spec.ingressClassName' instead"] : [];

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource != "status")
        {
            Validate(obj.Read<Ingress>().Spec, errors);
        }
    }

    private static void Validate(IngressSpec spec, FieldErrors errors)
    {
        if (spec.Rules.Count == 0 && spec.DefaultBackend is null)
        {
            errors.Invalid("spec", spec, "either `defaultBackend` or `rules` must be specified");
        }

        if (spec.DefaultBackend is { } backend)
        {
            Backend(backend, "spec.defaultBackend", errors);
        }

        for (var i = 0; i < spec.Rules.Count; i++)
        {
            Rule(spec.Rules[i], $"spec.rules[{i}]", errors);
        }

        for (var i = 0; i < spec.TLS.Count; i++)
        {
            for (var j = 0; j < spec.TLS[i].Hosts.Count; j++)
            {
                Host(spec.TLS[i].Hosts[j], $"spec.tls[{i}].hosts[{j}]", errors);
            }
        }

        if (spec.IngressClassName is { } name)
        {
            errors.Names("spec.ingressClassName", name, NameValidation.Dns1123Subdomain(name));
        }
    }

    private static void Host(string host, string path, FieldErrors errors) =>
        errors.Names(path, host, host.StartsWith('*') ? NameValidation.WildcardDns1123Subdomain(host) : NameValidation.Dns1123Subdomain(host));

    private static void Rule(IngressRule rule, string path, FieldErrors errors)
    {
        if (rule.Host.Length > 0)
        {
            if (System.Net.IPAddress.TryParse(rule.Host, out _))
            {
                errors.Invalid(path + ".host", rule.Host, "must be a DNS name, not an IP address");
            }

            Host(rule.Host, path + ".host", errors);
        }

        if (rule.HTTP is not { } http)
        {
            return;
        }

        if (http.Paths.Count == 0)
        {
            errors.Required(path + ".http.paths", "");
        }

        for (var i = 0; i < http.Paths.Count; i++)
        {
            var (item, at) = (http.Paths[i], $"{path}.http.paths[{i}]");
            switch (item.PathType)
            {
                case null:
                    errors.Required(at + ".pathType", "pathType must be specified");
                    break;
                case "Exact" or "Prefix":
                    if (!item.Path.StartsWith('/'))
                    {
                        errors.Invalid(at + ".path", item.Path, "must be an absolute path");
                    }

                    foreach (var bad in BadSequences.Where(b => item.Path.Contains(b, StringComparison.Ordinal)))
                    {
                        errors.Invalid(at + ".path", item.Path, $"must not contain '{bad}'");
                    }

                    break;
                case "ImplementationSpecific":
                    if (item.Path.Length > 0 && !item.Path.StartsWith('/'))
                    {
                        errors.Invalid(at + ".path", item.Path, "must be an absolute path");
                    }

                    break;
                default:
                    errors.NotSupported(at + ".pathType", item.PathType, ["Exact", "ImplementationSpecific", "Prefix"]);
                    break;
            }

            Backend(item.Backend, at + ".backend", errors);
        }
    }

    private static void Backend(IngressBackend backend, string path, FieldErrors errors)
    {
        if (backend.Resource is not null && backend.Service is not null)
        {
            errors.Invalid(path, "", "cannot set both resource and service backends");
        }
        else if (backend.Service is { } service)
        {
            errors.RequiredName(path + ".service.name", service.Name, errors.Features.IsEnabled("RelaxedServiceNameValidation") ? NameValidation.Dns1123Label : NameValidation.Dns1035Label);
            if (service.Port.Name.Length > 0 && service.Port.Number > 0)
            {
                errors.Invalid(path, "", "cannot set both port name & port number");
            }
            else if (service.Port.Name.Length > 0)
            {
                errors.Names(path + ".service.port.name", service.Port.Name, NameValidation.PortName(service.Port.Name));
            }
            else if (service.Port.Number == 0)
            {
                errors.Required(path, "port name or number is required");
            }
            else
            {
                errors.Port(path + ".service.port.number", service.Port.Number);
            }
        }
        else if (backend.Resource is null)
        {
            errors.Required(path, "resource or service backend is required");
        }
    }
}

/// <summary>Ingress classes.</summary>
internal sealed class IngressClassStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("networking.k8s.io", "ingressclasses");

    public override void ApplyDefaults(JsonObject obj) => obj.Child("spec", "parameters")?.DefaultEmpty("scope", "Cluster");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<IngressClass>().Spec;
        if (spec.Controller.Length > 250)
        {
            errors.TooLong("spec.controller", 250);
        }
        else if (spec.Controller.Length == 0)
        {
            errors.Required("spec.controller", "");
        }
        else if (!spec.Controller.Contains('/', StringComparison.Ordinal))
        {
            errors.Invalid("spec.controller", spec.Controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        Validate(obj, errors);
        errors.Same("spec.controller", obj.Read<IngressClass>().Spec.Controller, old.Read<IngressClass>().Spec.Controller);
    }
}
