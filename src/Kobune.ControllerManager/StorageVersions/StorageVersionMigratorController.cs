using Kobune.Api.ApiExtensions.V1;
using Kobune.Api.StorageMigration.V1Beta1;
using Kobune.Client;

namespace Kobune.ControllerManager.StorageVersions;

/// <summary>Registration of the controller that has all objects of a resource written anew, in the version that is stored now. Source: pkg/controller/storageversionmigrator.</summary>
internal static class StorageVersionMigratorController
{
    /// <summary>Its name, its service account, and the field manager of what it writes.</summary>
    public const string Name = "storage-version-migrator-controller";

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("storage-version-migrator", Name);
        var (migrations, definitions) = (controller.Informer<StorageVersionMigration>(), controller.Informer<CustomResourceDefinition>());

        // One that has ended or is gone makes room for those that wait for it.
        controller.Runner.Watches(migrations, changed => migrations.Cache.List().Where(m => m.Spec.Resource == changed.Spec.Resource).Select(m => new ObjectKey("", m.Metadata.Name)));
        return controller.Build(new MigrationReconciler(
            migrations.Cache, new(definitions.Cache, controller.Client, context.Time), new(controller.Untracked, context.Time), controller.Client, context.Time));
    }
}
