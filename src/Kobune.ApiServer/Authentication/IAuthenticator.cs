using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Authentication;

/// <summary>Who sends a request.</summary>
/// <param name="Name">User name, "system:serviceaccount:ns:name" for service accounts.</param>
/// <param name="Uid">Unique id, empty when unknown.</param>
/// <param name="Groups">Groups, system:authenticated or system:unauthenticated included.</param>
/// <param name="Extra">Further keys (pod name and uid, credential id).</param>
public sealed record UserInfo(string Name, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>> Extra)
{
    internal static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoExtra = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Who sends no credential at all.</summary>
    public static UserInfo Anonymous { get; } = new(UserNames.Anonymous, "", [UserNames.Unauthenticated], NoExtra);

    /// <summary>A user of these groups and nothing else.</summary>
    public static UserInfo Of(string name, params string[] groups) => new(name, "", [.. groups, UserNames.Authenticated], NoExtra);

    /// <summary>A component by its user name, with the groups that its credential would give it: service accounts, kubelets (system:nodes), all others only system:authenticated.</summary>
    public static UserInfo ForComponent(string name) =>
        UserNames.ParseServiceAccount(name) is { } account ? OfServiceAccount(account.Namespace, account.Name)
        : name.StartsWith(UserNames.NodePrefix, StringComparison.Ordinal) ? Of(name, UserNames.Nodes)
        : Of(name);

    /// <summary>A service account, with the groups that every service account has.</summary>
    public static UserInfo OfServiceAccount(string @namespace, string name, string uid = "") => new(
        UserNames.ServiceAccount(@namespace, name), uid, [.. UserNames.ServiceAccountGroups(@namespace), UserNames.Authenticated], NoExtra);
}

/// <summary>One way to tell who sends a request. Null = not my kind of credential; a failure ends the chain with 401.</summary>
public interface IAuthenticator
{
    /// <summary>Looks at the connection's client certificate or the headers.</summary>
    ValueTask<AuthenticationResult?> AuthenticateAsync(HttpContext context, CancellationToken ct);
}

/// <summary>A known user, or why the credential is refused.</summary>
public sealed record AuthenticationResult(UserInfo? User, string? Failure)
{
    /// <summary>A known user.</summary>
    public static AuthenticationResult Known(UserInfo user) => new(user, null);

    /// <summary>A credential that is refused; the reason is for the log, the client sees Unauthorized.</summary>
    public static AuthenticationResult Refused(string failure) => new(null, failure);
}
