using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Certificates;
using Kobune.ControlPlane.InProcess;

namespace Kobune.Testing;

/// <summary>The way in for programs outside of the test: kubectl, and operators in any language.</summary>
public sealed partial class TestCluster
{
    private readonly KubeconfigFiles _files = new();

    /// <summary>The text of a kubeconfig of the administrator; needs <see cref="TestClusterOptions.Https"/>.</summary>
    public string Kubeconfig() => Kubeconfig(InProcessClients.Administrator);

    /// <summary>The text of a kubeconfig of another user, who is known by a client certificate; needs <see cref="TestClusterOptions.Https"/>.</summary>
    /// <param name="user">"jane", "system:serviceaccount:default:app", "system:node:node-0".</param>
    /// <param name="groups">Its groups; without any, those that authentication gives to a user of this name.</param>
    public string Kubeconfig(string user, params IReadOnlyList<string> groups)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(groups);
        var address = Address ?? throw new InvalidOperationException("The cluster has no HTTPS address: start it with Https = true");
        var own = groups.Count > 0 ? groups : [.. InProcessClients.UserOf(user).Groups.Where(g => g != UserNames.Authenticated)];
        return KubeconfigText.Write("kobune-test", address.GetLeftPart(UriPartial.Authority), _certificates.Authority.CertificatePem, _certificates.IssueClient(user, own));
    }

    /// <summary>The path of a kubeconfig file of the administrator. It is written at the first call and removed with the cluster.</summary>
    public string KubeconfigFile() => KubeconfigFile(InProcessClients.Administrator);

    /// <summary>The path of a kubeconfig file of another user. It is written at the first call for this user and removed with the cluster.</summary>
    /// <param name="user">As in <see cref="Kubeconfig(string, IReadOnlyList{string})"/>.</param>
    /// <param name="groups">As there.</param>
    public string KubeconfigFile(string user, params IReadOnlyList<string> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return _files.Of(string.Join('\n', groups.Prepend(user)), () => Kubeconfig(user, groups));
    }
}
