using Kobune.Api.Networking.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Networking;

/// <summary>An ingress's spec and status. Source: pkg/apis/networking/validation.</summary>
internal static class IngressRules
{
    private const string NotAnIP = "must be a DNS name, not an IP address";
    private static readonly string[] BadSequences = ["//", "/./", "/../", "%2f", "%2F"];
    private static readonly string[] BadEnds = ["/..", "/."];

    /// <summary><paramref name="before"/>: secret names, and rules of wildcard hosts, that older releases let through may stay.</summary>
    public static void Validate(IngressSpec spec, IngressSpec? before, FieldErrors errors)
    {
        if (spec.Rules.Count == 0 && spec.DefaultBackend is null)
        {
            errors.Invalid("spec", null, "either `defaultBackend` or `rules` must be specified"); // upstream shows the rules
        }

        if (spec.DefaultBackend is { } backend)
        {
            IngressBackendRules.Validate(backend, "spec.defaultBackend", errors);
        }

        var checksWildcards = before?.Rules.Any(IsBadWildcard) != true;
        for (var i = 0; i < spec.Rules.Count; i++)
        {
            Rule(spec.Rules[i], checksWildcards, $"spec.rules[{i}]", errors);
        }

        var checksSecrets = before?.TLS.Any(t => SecretProblems(t.SecretName).Count > 0) != true;
        for (var i = 0; i < spec.TLS.Count; i++)
        {
            for (var j = 0; j < spec.TLS[i].Hosts.Count; j++)
            {
                Host(spec.TLS[i].Hosts[j], $"spec.tls[{i}].hosts[{j}]", errors);
            }

            if (checksSecrets)
            {
                errors.Names($"spec.tls[{i}].secretName", spec.TLS[i].SecretName, SecretProblems(spec.TLS[i].SecretName));
            }
        }

        if (spec.IngressClassName is { } name)
        {
            errors.Names("spec.ingressClassName", name, NameValidation.Dns1123Subdomain(name));
        }
    }

    /// <summary><paramref name="before"/>: addresses that it has may stay as they are written.</summary>
    public static void Status(IngressStatus status, IngressStatus before, FieldErrors errors)
    {
        var points = status.LoadBalancer.Ingress;
        for (var i = 0; i < points.Count; i++)
        {
            var path = $"status.loadBalancer.ingress[{i}]";
            if (points[i].IP.Length > 0)
            {
                errors.LegacyAddress(path + ".ip", points[i].IP, before.LoadBalancer.Ingress.Select(p => p.IP));
            }

            if (points[i].Hostname is { Length: > 0 } name)
            {
                errors.Names(path + ".hostname", name, NameValidation.Dns1123Subdomain(name));
                if (LooseNetwork.Address(name) is not null)
                {
                    errors.Invalid(path + ".hostname", name, NotAnIP);
                }
            }
        }
    }

    private static bool IsBadWildcard(IngressRule rule)
    {
        var errors = new FieldErrors();
        Value(rule, "", errors);
        return rule.Host.Contains('*', StringComparison.Ordinal) && errors.Items.Count > 0;
    }

    private static IReadOnlyList<string> SecretProblems(string name) => name.Length == 0 ? [] : NameValidation.Dns1123Subdomain(name);

    private static void Host(string host, string path, FieldErrors errors) =>
        errors.Names(path, host, host.Contains('*', StringComparison.Ordinal) ? NameValidation.WildcardDns1123Subdomain(host) : NameValidation.Dns1123Subdomain(host));

    private static void Rule(IngressRule rule, bool checksWildcards, string path, FieldErrors errors)
    {
        if (rule.Host.Length > 0)
        {
            if (LooseNetwork.Address(rule.Host) is not null)
            {
                errors.Invalid(path + ".host", rule.Host, NotAnIP);
            }

            Host(rule.Host, path + ".host", errors);
        }

        if (checksWildcards || !rule.Host.Contains('*', StringComparison.Ordinal))
        {
            Value(rule, path, errors);
        }
    }

    private static void Value(IngressRule rule, string path, FieldErrors errors)
    {
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
            Path(http.Paths[i], $"{path}.http.paths[{i}]", errors);
        }
    }

    private static void Path(HTTPIngressPath item, string at, FieldErrors errors)
    {
        switch (item.PathType)
        {
            case null:
                errors.Required(at + ".pathType", "pathType must be specified");
                return;
            case "Exact" or "Prefix":
                Absolute(item.Path, at + ".path", errors);
                foreach (var bad in BadSequences.Where(b => item.Path.Contains(b, StringComparison.Ordinal)))
                {
                    errors.Invalid(at + ".path", item.Path, $"must not contain '{bad}'");
                }

                foreach (var bad in BadEnds.Where(b => item.Path.EndsWith(b, StringComparison.Ordinal)))
                {
                    errors.Invalid(at + ".path", item.Path, $"cannot end with '{bad}'");
                }

                break;
            case "ImplementationSpecific":
                if (item.Path.Length > 0)
                {
                    Absolute(item.Path, at + ".path", errors);
                }

                break;
            default:
                errors.NotSupported(at + ".pathType", item.PathType, ["Exact", "ImplementationSpecific", "Prefix"]);
                break;
        }

        IngressBackendRules.Validate(item.Backend, at + ".backend", errors);
    }

    private static void Absolute(string value, string path, FieldErrors errors)
    {
        if (!value.StartsWith('/'))
        {
            errors.Invalid(path, value, "must be an absolute path");
        }
    }
}
