using Kobune.Api.Storage.V1;
using Kobune.Client;

namespace Kobune.Addons.Storage;

/// <summary>The addon default-storageclass: the class "standard", which claims without a class get.</summary>
public sealed class DefaultStorageClass(IClient client, StorageOptions options, TimeProvider time) : IComponent
{
    /// <summary>Name of the class.</summary>
    public const string ClassName = "standard";

    private const string DefaultAnnotation = "storageclass.kubernetes.io/is-default-class";

    /// <inheritdoc/>
    public string Name => "default-storageclass";

    /// <summary>Makes the class where there is none, and makes it the default one.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await client.CreateAsync(Manifest(options.BindingMode), ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            await SetDefaultAsync(client, true, ct);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, time, ct);
    }

    /// <summary>Makes the class the default one, or an ordinary one. Volumes and claims stay; nothing happens when there is no such class.</summary>
    public static async Task SetDefaultAsync(IClient client, bool isDefault, CancellationToken ct)
    {
        try
        {
            var storage = await client.GetAsync<StorageClass>("", ClassName, ct);
            var annotations = storage.Metadata.Annotations.ToDictionary();
            annotations[DefaultAnnotation] = isDefault ? "true" : "false";
            await client.UpdateAsync(storage with { Metadata = storage.Metadata with { Annotations = annotations } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody deleted it.
        }
    }

    internal static StorageClass Manifest(string bindingMode) => new()
    {
        Metadata = new()
        {
            Name = ClassName,
            Annotations = new Dictionary<string, string> { [DefaultAnnotation] = "true" },
            Labels = new Dictionary<string, string> { ["addonmanager.kubernetes.io/mode"] = "EnsureExists" },
        },
        Provisioner = StorageProvisioner.ProvisionerName,
        ReclaimPolicy = "Delete",
        VolumeBindingMode = bindingMode,
    };
}
