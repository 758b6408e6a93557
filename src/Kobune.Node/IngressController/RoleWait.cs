using Kobune.Api.Authorization.V1;
using Kobune.Client;

namespace Kobune.Node.IngressController;

/// <summary>The authorizer hears of new roles a moment after they were made; asking before that would be refused.</summary>
internal static class RoleWait
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when the client's identity may do it.</summary>
    public static async Task UntilAllowedAsync(IClient client, ResourceAttributes what, TimeProvider time, CancellationToken ct)
    {
        var question = new SelfSubjectAccessReview { Spec = new() { ResourceAttributes = what } };
        while (!(await client.CreateAsync(question, ct)).Status.Allowed)
        {
            await Task.Delay(Delay, time, ct);
        }
    }
}
