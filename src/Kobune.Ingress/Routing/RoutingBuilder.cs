using Kobune.Api.Networking.V1;
using Kobune.Client;
using Kobune.Ingress.Access;
using Kobune.Ingress.Certificates;
using Kobune.Ingress.Settings;
using Kobune.Ingress.Upstreams;

namespace Kobune.Ingress.Routing;

/// <summary>
/// Ingresses to a routing table, with ingress-nginx' rules of precedence: the oldest Ingress first; a path that two Ingresses name belongs to the
/// older one; a host's root that none names goes to the default backend of the host's first Ingress.
/// </summary>
internal sealed class RoutingBuilder(IRoutingObjects objects, CertificateCache certificates, GlobalSettings global)
{
    private readonly Dictionary<string, HostDraft> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly UpstreamBuilder _upstreams = new(objects);
    private readonly List<string> _problems = [];

    /// <summary>What could not be followed, in words for the log.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <param name="ingresses">Those of this controller, in any order.</param>
    /// <param name="defaultCertificate">For hosts whose TLS section names none that can be used.</param>
    public RoutingSnapshot Build(IEnumerable<IngressObject> ingresses, ServerCertificate? defaultCertificate)
    {
        IngressObject[] ordered = [.. ingresses.OrderBy(i => i.Metadata.CreationTimestamp).ThenBy(i => i.Metadata.Namespace, StringComparer.Ordinal).ThenBy(i => i.Metadata.Name, StringComparer.Ordinal)];
        var drafts = ordered.Select(i => (Ingress: i, Template: Template(i))).ToList();
        _hosts[RoutingSnapshot.AnyHost] = new(new() { Pattern = PathPattern.Plain("/", exact: false), Settings = global.Location, IsDefault = true });
        drafts.ForEach(d => AddHosts(d.Ingress, d.Template));
        drafts.ForEach(d => AddPaths(d.Ingress, d.Template));
        Array.ForEach(ordered, i => AddCertificates(i, defaultCertificate));
        var hosts = _hosts.ToDictionary(h => h.Key, h => h.Value.Build(h.Key, _problems), StringComparer.OrdinalIgnoreCase);
        drafts.ForEach(d => AddAliases(d.Ingress, d.Template, hosts));
        return new(global, hosts);
    }

    /// <summary>A location with everything that the Ingress says of all its locations; its upstream is the Ingress' default backend.</summary>
    private Location Template(IngressObject ingress)
    {
        var key = ObjectKey.Of(ingress);
        var settings = LocationSettings.Parse(ingress.Metadata.Annotations, global.Location);
        PasswordFile? users = null;
        if (settings.BasicAuth is { } auth)
        {
            (users, var problem) = PasswordFile.Resolve(auth, key.Namespace, objects);
            settings = settings with { Denied = settings.Denied ?? problem };
        }

        if (settings.Denied is { } denied)
        {
            _problems.Add($"{key}: every request is refused: {denied}");
        }

        var location = new Location { Pattern = PathPattern.Plain("/", exact: false), Settings = settings, Ingress = key, Users = users };
        return WithBackend(location, ingress.Spec.DefaultBackend);
    }

    private void AddHosts(IngressObject ingress, Location template)
    {
        var any = _hosts[RoutingSnapshot.AnyHost];
        if (ingress.Spec.Rules.Count == 0 && template.Upstream is not null && any.Root.IsDefault)
        {
            any.Root = template; // an Ingress with a backend and no rule catches all
        }

        foreach (var rule in ingress.Spec.Rules)
        {
            _hosts.TryAdd(HostOf(rule), new(template with { IsDefault = true }));
        }
    }

    private void AddPaths(IngressObject ingress, Location template)
    {
        foreach (var rule in ingress.Spec.Rules)
        {
            var host = _hosts[HostOf(rule)];
            foreach (var path in rule.HTTP?.Paths ?? [])
            {
                var text = path.Path.Length == 0 ? "/" : path.Path;
                var location = WithBackend(template with { Pattern = PathPattern.Plain(text, path.PathType == "Exact") }, path.Backend);
                if (!host.Add(location))
                {
                    _problems.Add($"{template.Ingress}: the path {text} of host {HostOf(rule)} is another Ingress' already");
                }
            }
        }
    }

    private Location WithBackend(Location location, IngressBackend? backend)
    {
        var upstream = UpstreamOf(location, backend);
        return location with { Upstream = upstream, Backend = upstream is null ? null : backend };
    }

    private Upstream? UpstreamOf(Location template, IngressBackend? backend)
    {
        if (backend?.Service is not { } service)
        {
            return null; // nothing, or a resource, which ingress-nginx does not know either
        }

        var ns = template.Ingress!.Value.Namespace;
        var upstream = _upstreams.Build(ns, service, template.Settings.ServiceUpstream);
        return upstream.Endpoints.Count == 0 && template.Settings.DefaultBackend is { } instead ? _upstreams.BuildDefault(ns, instead) ?? upstream : upstream;
    }

    private void AddCertificates(IngressObject ingress, ServerCertificate? defaultCertificate)
    {
        if (ingress.Spec.TLS.Count == 0)
        {
            return;
        }

        foreach (var name in ingress.Spec.Rules.Select(HostOf).Where(h => h != RoutingSnapshot.AnyHost))
        {
            var host = _hosts[name];
            host.Certificate ??= CertificateOf(ingress, name, defaultCertificate);
        }
    }

    private ServerCertificate? CertificateOf(IngressObject ingress, string host, ServerCertificate? defaultCertificate)
    {
        var ns = ingress.Metadata.Namespace;
        if (ingress.Spec.TLS.FirstOrDefault(t => t.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase)) is not { } listed)
        {
            // Not listed: a certificate of this Ingress that holds for the host is used all the same.
            return ingress.Spec.TLS.Where(t => t.SecretName.Length > 0).Select(t => Load(ns, t.SecretName)).FirstOrDefault(c => c?.Covers(host) == true);
        }

        if (listed.SecretName.Length == 0)
        {
            return defaultCertificate;
        }

        var certificate = Load(ns, listed.SecretName);
        if (certificate is null)
        {
            _problems.Add($"{ObjectKey.Of(ingress)}: host {host} shows the default certificate: the Secret {ns}/{listed.SecretName} is not there or holds no certificate with its key");
        }
        else if (!certificate.Covers(host))
        {
            _problems.Add($"{ObjectKey.Of(ingress)}: host {host} shows the default certificate: that of the Secret {ns}/{listed.SecretName} is not for it");
        }

        return certificate?.Covers(host) == true ? certificate : defaultCertificate;
    }

    private ServerCertificate? Load(string ns, string name) => objects.FindSecret(ns, name) is { } secret ? certificates.Get(secret) : null;

    private static void AddAliases(IngressObject ingress, Location template, Dictionary<string, HostRoutes> hosts)
    {
        foreach (var rule in ingress.Spec.Rules)
        {
            foreach (var alias in template.Settings.ServerAliases)
            {
                hosts.TryAdd(alias, hosts[HostOf(rule)]);
            }
        }
    }

    private static string HostOf(IngressRule rule) => rule.Host.Length == 0 ? RoutingSnapshot.AnyHost : rule.Host;
}
