using Kobune.Api.Networking.V1;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

// Inside the namespace: Kobune.Ingress, the room, would hide it otherwise.
using Ingress = Kobune.Api.Networking.V1.Ingress;

internal static partial class RoutePlan
{
    private const string DefaultClass = "ingressclass.kubernetes.io/is-default-class";
    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    private static PathRoute OfIngress(PathRoute route, ClusterSnapshot snapshot)
    {
        var target = route.Target;
        var ingress = IngressOf(target, snapshot);
        if (target.Kind == TargetKind.Ingress && ingress is not null)
        {
            route = WithFirstRule(route, ingress);
        }

        route = route with
        {
            Stations = [HopKind.Pc, .. route.Host.Length == 0 ? (HopKind[])[] : [HopKind.Resolver], HopKind.Machine, HopKind.IngressController, HopKind.Ingress, .. ToService[2..]],
            Ingress = ingress,
            Entry = EntryKind.Ingress,
            EntryAddress = target.Address is null ? route.MachineAddress : target.Host,
            EntryPort = target.Kind == TargetKind.Url ? target.Port : route.Tls ? HttpsPort : HttpPort,
        };
        if (ingress is null)
        {
            return With(route, MissingIngress(target, snapshot));
        }

        foreach (var fault in IngressFaults(route, ingress, snapshot))
        {
            route = With(route, fault);
        }

        var host = target.Kind == TargetKind.Url ? target.Host : route.Host;
        if (IngressMatch.BackendOf(ingress, host, route.HttpPath)?.Service is not { } backend)
        {
            return route;
        }

        var ns = ingress.Metadata.Namespace;
        return snapshot.Service(ns, backend.Name) is { } service
            ? OfService(route, service, service.Spec.Ports.FirstOrDefault(p => backend.Port.Name.Length > 0 ? p.Name == backend.Port.Name : p.Port == backend.Port.Number), snapshot)
            : With(route, MissingService(snapshot, ns, backend.Name));
    }

    private static Ingress? IngressOf(PathTarget target, ClusterSnapshot snapshot) => target.Kind == TargetKind.Ingress
        ? snapshot.Ingresses.FirstOrDefault(i => i.Metadata.Namespace == target.Namespace && i.Metadata.Name == target.Name)
        : Serving(target, snapshot);

    // The Ingress that serves the URL; else one whose host covers, so that its paths can be shown.
    private static Ingress? Serving(PathTarget target, ClusterSnapshot snapshot) =>
        IngressMatch.Serving(snapshot.Ingresses, target.Host, target.Path)
        ?? snapshot.Ingresses.FirstOrDefault(i => i.Spec.Rules.Any(r => r.Host.Length > 0 && IngressMatch.Covers(r.Host, target.Host)))
        ?? snapshot.Ingresses.FirstOrDefault(i => i.Spec.DefaultBackend is not null || i.Spec.Rules.Any(r => r.Host.Length == 0));

    private static PathRoute WithFirstRule(PathRoute route, Ingress ingress)
    {
        var rule = ingress.Spec.Rules is [var first, ..] ? first : null;
        var host = rule?.Host ?? "";
        return route with
        {
            Host = host.StartsWith("*.", StringComparison.Ordinal) ? "any" + host[1..] : host,
            HttpPath = rule?.HTTP?.Paths is [{ Path: { Length: > 0 } path }, ..] ? path : "/",
            Tls = ingress.Spec.TLS.Any(t => t.Hosts.Count == 0 || t.Hosts.Any(h => IngressMatch.Covers(h, host))),
        };
    }

    private static Fault MissingIngress(PathTarget target, ClusterSnapshot snapshot)
    {
        var hosts = snapshot.Ingresses.SelectMany(i => i.Spec.Rules).Select(r => r.Host).Where(h => h.Length > 0).Distinct().ToList();
        if (target.Kind == TargetKind.Url)
        {
            return new("WrongHost", HopKind.Ingress, new(Message.PathWrongHost, target.Host, hosts.Count == 0 ? "-" : string.Join(", ", hosts)), Near(NearMiss.Of(target.Host, hosts)));
        }

        return snapshot.Ingresses.FirstOrDefault(i => i.Metadata.Name == target.Name) is { } elsewhere
            ? new("IngressInAnotherNamespace", HopKind.Ingress, new(Message.PathIngressMissing, target.Name, target.Namespace), new(Message.PathServiceElsewhereMend, elsewhere.Metadata.Namespace, "ingress/" + target.Name))
            : new("IngressMissing", HopKind.Ingress, new(Message.PathIngressMissing, target.Name, target.Namespace), Near(NearMiss.Of(target.Name, snapshot.Ingresses.Where(i => i.Metadata.Namespace == target.Namespace).Select(i => i.Metadata.Name))));

        static Phrase Near(string? near) => near is null ? new(Message.PathIngressMissingMend) : new(Message.PathDidYouMean, near);
    }

    private static IEnumerable<Fault> IngressFaults(PathRoute route, Ingress ingress, ClusterSnapshot snapshot)
    {
        var name = ingress.Metadata.Name;
        if (ClassFault(ingress, snapshot) is { } fault)
        {
            yield return fault;
        }

        var host = route.Target.Kind == TargetKind.Url ? route.Target.Host : route.Host;
        if (IngressMatch.BackendOf(ingress, host, route.HttpPath) is null)
        {
            var rules = string.Join(", ", ingress.Spec.Rules.SelectMany(r => (r.HTTP?.Paths ?? []).Select(p => r.Host + p.Path)));
            yield return new("WrongPath", HopKind.Ingress, new(Message.PathWrongPath, name, host + route.HttpPath, rules), new(Message.PathWrongPathMend, rules));
        }

        foreach (var tls in ingress.Spec.TLS.Where(t => t.SecretName.Length > 0))
        {
            if (!snapshot.TlsSecrets.Any(s => s.Metadata.Namespace == ingress.Metadata.Namespace && s.Metadata.Name == tls.SecretName))
            {
                yield return new("TlsSecretMissing", HopKind.Ingress, new(Message.PathTlsSecretMissing, name, tls.SecretName, ingress.Metadata.Namespace), new(Message.PathTlsSecretMend, tls.SecretName, ingress.Metadata.Namespace));
            }
        }
    }

    private static Fault? ClassFault(Ingress ingress, ClusterSnapshot snapshot)
    {
        var name = ingress.Metadata.Name;
        var known = string.Join(", ", snapshot.Classes.Select(c => c.Metadata.Name));
        var wanted = ingress.Spec.IngressClassName ?? (ingress.Metadata.Annotations.TryGetValue(ClassAnnotation, out var old) ? old : null);
        if (wanted is not null)
        {
            return snapshot.Classes.Any(c => c.Metadata.Name == wanted)
                ? null
                : new("NoIngressClass", HopKind.Ingress, new(Message.PathIngressClassUnknown, name, wanted, known.Length == 0 ? "-" : known), new(Message.PathIngressClassMend, name, AnyClass(snapshot)));
        }

        return snapshot.Classes.Any(c => c.Metadata.Annotations.TryGetValue(DefaultClass, out var value) && value == "true")
            ? null
            : new("NoIngressClass", HopKind.Ingress, new(Message.PathIngressClassNone, name, known.Length == 0 ? "-" : known), new(Message.PathIngressClassMend, name, AnyClass(snapshot)));
    }

    private static string AnyClass(ClusterSnapshot snapshot) => snapshot.Classes is [var first, ..] ? first.Metadata.Name : "nginx";
}
