using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of how a pod finds names (upstream's validatePodDNSConfig and ValidateHostAliases).</summary>
internal static class PodDnsValidation
{
    public static void Validate(PodSpec spec, string path, bool looseSearches, FieldErrors errors)
    {
        var config = spec.DNSConfig;
        if (spec.DNSPolicy == "None")
        {
            if (config is null)
            {
                errors.Required(path + ".dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
                return;
            }

            if (config.Nameservers.Count == 0)
            {
                errors.Required(path + ".dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
                return;
            }
        }

        if (config is null)
        {
            return;
        }

        if (config.Nameservers.Count > 3)
        {
            errors.Invalid(path + ".dnsConfig.nameservers", config.Nameservers, "must not have more than 3 nameservers");
        }

        for (var i = 0; i < config.Nameservers.Count; i++)
        {
            errors.LegacyAddress($"{path}.dnsConfig.nameservers[{i}]", config.Nameservers[i]);
        }

        if (config.Searches.Count > 32)
        {
            errors.Invalid(path + ".dnsConfig.searches", config.Searches, "must not have more than 32 search paths");
        }

        if (string.Join(' ', config.Searches).Length > 2048)
        {
            errors.Invalid(path + ".dnsConfig.searches", config.Searches, "must not have more than 2048 characters (including spaces) in the search list");
        }

        for (var i = 0; i < config.Searches.Count; i++)
        {
            var search = config.Searches[i]; // a final dot is fine; "." alone searches nothing, and names such as _srv.example are common
            var relaxed = looseSearches || errors.Features.IsEnabled("RelaxedDNSSearchValidation");
            if (search != "." || !relaxed)
            {
                search = search is [.. var head, '.'] ? head : search;
                errors.Names($"{path}.dnsConfig.searches[{i}]", search, relaxed ? NameValidation.Dns1123SubdomainWithUnderscore(search) : NameValidation.Dns1123Subdomain(search));
            }
        }

        for (var i = 0; i < config.Options.Count; i++)
        {
            if (config.Options[i].Name.Length == 0)
            {
                errors.Required($"{path}.dnsConfig.options[{i}]", "must not be empty");
            }
        }
    }

    public static void HostAliases(PodSpec spec, string path, FieldErrors errors)
    {
        for (var i = 0; i < spec.HostAliases.Count; i++)
        {
            var alias = spec.HostAliases[i];
            errors.LegacyAddress($"{path}.hostAliases[{i}].ip", alias.IP);
            for (var j = 0; j < alias.Hostnames.Count; j++)
            {
                errors.Names($"{path}.hostAliases[{i}].hostnames[{j}]", alias.Hostnames[j], NameValidation.Dns1123Subdomain(alias.Hostnames[j]));
            }
        }
    }
}
