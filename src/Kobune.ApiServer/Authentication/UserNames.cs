namespace Kobune.ApiServer.Authentication;

/// <summary>The names and groups that have a meaning of their own (k8s.io/apiserver, authentication/user and serviceaccount).</summary>
public static class UserNames
{
    /// <summary>Who sent no credential.</summary>
    public const string Anonymous = "system:anonymous";

    /// <summary>Group of everybody with a credential.</summary>
    public const string Authenticated = "system:authenticated";

    /// <summary>Group of the anonymous user.</summary>
    public const string Unauthenticated = "system:unauthenticated";

    /// <summary>Group that every authorizer lets pass.</summary>
    public const string Masters = "system:masters";

    /// <summary>Group of the kubelets.</summary>
    public const string Nodes = "system:nodes";

    /// <summary>Prefix of the kubelets' user names.</summary>
    public const string NodePrefix = "system:node:";

    /// <summary>Prefix of the service accounts' user names.</summary>
    public const string ServiceAccountPrefix = "system:serviceaccount:";

    /// <summary>Extra key: name of the pod that a token is bound to.</summary>
    public const string PodNameKey = "authentication.kubernetes.io/pod-name";

    /// <summary>Extra key: uid of the pod that a token is bound to.</summary>
    public const string PodUidKey = "authentication.kubernetes.io/pod-uid";

    /// <summary>Extra key: name of the node that the pod runs on, or that the token is bound to.</summary>
    public const string NodeNameKey = "authentication.kubernetes.io/node-name";

    /// <summary>Extra key: uid of that node.</summary>
    public const string NodeUidKey = "authentication.kubernetes.io/node-uid";

    /// <summary>Extra key: which credential was used ("JTI=..." or "X509SHA256=...").</summary>
    public const string CredentialIdKey = "authentication.kubernetes.io/credential-id";

    /// <summary>"system:serviceaccount:ns:name".</summary>
    public static string ServiceAccount(string @namespace, string name) => $"{ServiceAccountPrefix}{@namespace}:{name}";

    /// <summary>The groups of every service account of a namespace, without system:authenticated.</summary>
    public static IReadOnlyList<string> ServiceAccountGroups(string @namespace) => ["system:serviceaccounts", "system:serviceaccounts:" + @namespace];

    /// <summary>Namespace and name of a service account's user name, or null when it is another kind of user.</summary>
    public static (string Namespace, string Name)? ParseServiceAccount(string user)
    {
        if (!user.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = user[ServiceAccountPrefix.Length..].Split(':');
        return parts is [{ Length: > 0 } space, { Length: > 0 } name] ? (space, name) : null;
    }

    /// <summary>Name of the node whose kubelet this is, or null. Upstream's node identifier: prefix and group must both be there.</summary>
    public static string? ParseNode(UserInfo user) =>
        user.Name.StartsWith(NodePrefix, StringComparison.Ordinal) && user.Name.Length > NodePrefix.Length && user.Groups.Contains(Nodes)
            ? user.Name[NodePrefix.Length..]
            : null;
}
