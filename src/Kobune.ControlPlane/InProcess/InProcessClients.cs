using System.Collections.Concurrent;
using Kobune.ApiServer;
using Kobune.ApiServer.Authentication;
using Kobune.Client;
using Kobune.Client.Metrics;
using Kobune.Client.Transport;

namespace Kobune.ControlPlane.InProcess;

/// <summary>Clients of the same process, each under the identity that the component would have in upstream.</summary>
/// <param name="server">The server.</param>
/// <param name="time">The clock of retries.</param>
/// <param name="metrics">Where the requests of a program are counted, by its user agent; null for nowhere.</param>
public sealed class InProcessClients(InProcessEndpoint server, TimeProvider time, Func<string, RequestMetrics?>? metrics = null) : IClientFactory
{
    /// <summary>The user who made the cluster, as in its kubeconfig.</summary>
    public const string Administrator = "kubernetes-admin";

    private readonly ConcurrentDictionary<string, IClient> _known = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IClient For(string identity) => _known.GetOrAdd(identity, i => new KubernetesClient(Transport(i), time));

    /// <summary>The bare transport of an identity.</summary>
    public ITransport Transport(string identity)
    {
        var agent = UserAgentOf(identity);
        var transport = new InProcessTransport(server, UserOf(identity), agent);
        return metrics?.Invoke(agent) is { } counted ? new MeteredTransport(transport, counted) : transport;
    }

    /// <summary>The groups that authentication gives to an identity of this name.</summary>
    public static UserInfo UserOf(string identity)
    {
        if (UserNames.ParseServiceAccount(identity) is var (ns, _))
        {
            return UserInfo.Of(identity, [.. UserNames.ServiceAccountGroups(ns)]);
        }

        if (identity == Administrator)
        {
            return UserInfo.Of(identity, "kubeadm:cluster-admins");
        }

        return identity.StartsWith(UserNames.NodePrefix, StringComparison.Ordinal) ? UserInfo.Of(identity, UserNames.Nodes) : UserInfo.Of(identity);
    }

    /// <summary>Upstream's programs name themselves; their controllers write as kube-controller-manager.</summary>
    private static string UserAgentOf(string identity) =>
        UserNames.ParseServiceAccount(identity) is not null ? "kube-controller-manager"
        : identity.StartsWith(UserNames.NodePrefix, StringComparison.Ordinal) ? "kubelet"
        : identity.StartsWith("system:", StringComparison.Ordinal) ? identity["system:".Length..] : identity;
}
