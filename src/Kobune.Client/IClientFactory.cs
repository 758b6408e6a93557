namespace Kobune.Client;

/// <summary>Clients under other identities of the same process: each controller writes under its own.</summary>
public interface IClientFactory
{
    /// <summary>A client that the server knows as this user, "system:serviceaccount:kube-system:deployment-controller".</summary>
    IClient For(string identity);
}
