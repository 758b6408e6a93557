using Kobune.Api;
using Kobune.Client;

namespace Kobune.Node.IngressController;

/// <summary>Objects that an addon brings. What is there already is left as it is, and only what Kobune made, by its label, is taken away.</summary>
internal sealed class AddonObjects(IClient admin)
{
    /// <summary>Marks what Kobune made.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>Its value.</summary>
    public const string Manager = "kobune";

    public async Task CreateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            await admin.CreateAsync(obj, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // from an earlier start, or a user's own
        }
    }

    public async Task DeleteAsync<T>(string ns, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            var found = await admin.GetAsync<T>(ns, name, ct);
            if (found.Metadata.Labels.GetValueOrDefault(ManagedBy) == Manager && found.Metadata.DeletionTimestamp is null)
            {
                await admin.DeleteAsync<T>(ns, name, null, ct);
            }
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // gone already
        }
    }
}
