using Kobune.Api;

namespace Kobune.Client;

/// <summary>Reads in which an absent object is an answer like any other.</summary>
public static class ClientReads
{
    /// <summary>The object as the server has it now; null when there is none.</summary>
    /// <exception cref="ApiException">The server refused for another reason.</exception>
    public static async Task<T?> FindAsync<T>(this IClient client, string ns, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            return await client.GetAsync<T>(ns, name, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
