using Kobune.Addons.Storage;
using Kobune.Addons.Switching;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Roles;

/// <summary>The addons that give claims their volumes. The provisioner runs on each node, beside the folders; the class is the first node's.</summary>
internal static class StorageAddons
{
    public static IEnumerable<AddonPart> Parts(NodeConfig config, WorkerClients clients, TimeProvider time, ILoggerFactory loggers)
    {
        var options = new StorageOptions { NodeName = config.NodeName, IsPrimary = config.IsControlPlane, BindingMode = config.VolumeBindingMode };
        yield return new("storage-provisioner", _ =>
        {
            var informers = new InformerFactory(clients.Storage, time, loggers);
            return [informers, new StorageProvisioner(clients.Storage, informers, options, time, loggers)];
        });
        if (options.IsPrimary)
        {
            yield return new("default-storageclass", _ => [new DefaultStorageClass(clients.Storage, options, time)])
            {
                Remove = ct => DefaultStorageClass.SetDefaultAsync(clients.Storage, false, ct),
            };
        }
    }
}
