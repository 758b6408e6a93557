using Kobune.Api.ApiExtensions.V1;
using Kobune.Api.StorageMigration.V1Beta1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.StorageVersions;

/// <summary>
/// Tells on the definition of a custom resource that a migration runs (StorageMigrating), and at its end takes the versions that nothing is stored in any more out of its
/// status.storedVersions, unless the definition changed meanwhile. Source: migrationrunner.go.
/// </summary>
internal sealed class DefinitionMigration(ICache<CustomResourceDefinition> definitions, IClient client, TimeProvider time)
{
    private const string Condition = CustomResourceDefinitionConditionType.StorageMigrating;

    public async Task BeginAsync(StorageVersionMigration migration, CancellationToken ct)
    {
        if (Find(migration) is { } definition)
        {
            await SayAsync(definition, "True", "MigrationRunning", $"Migration {migration.Metadata.Name} is running", definition.Status.StoredVersions, ct);
        }
    }

    public async Task EndAsync(StorageVersionMigration migration, bool succeeded, CancellationToken ct)
    {
        if (Find(migration) is { } definition)
        {
            var (reason, message, stored) = EndOf(definition, succeeded);
            await SayAsync(definition, "False", reason, message, stored, ct);
        }
    }

    /// <summary>What is said at the end. As upstream does, the stored versions are brought up to date after a failure too.</summary>
    internal static (string Reason, string Message, IReadOnlyList<string> Stored) EndOf(CustomResourceDefinition definition, bool succeeded)
    {
        var isSame = definition.Status.Conditions.FirstOrDefault(c => c.Type == Condition)?.ObservedGeneration == definition.Metadata.Generation;
        IReadOnlyList<string> stored = isSame ? [definition.Spec.Versions.First(v => v.Storage).Name] : definition.Status.StoredVersions;
        var tail = isSame ? "and the stored versions have been updated" : "but the stored versions have not been updated due to a generation mismatch";
        return succeeded ? ("MigrationSucceeded", "The migration has succeeded " + tail, stored) : ("MigrationFailed", "The migration has failed", stored);
    }

    private CustomResourceDefinition? Find(StorageVersionMigration migration) => definitions.Find(new ObjectKey("", $"{migration.Spec.Resource.Resource}.{migration.Spec.Resource.Group}"));

    private async Task SayAsync(CustomResourceDefinition definition, string value, string reason, string message, IReadOnlyList<string> stored, CancellationToken ct)
    {
        var condition = new CustomResourceDefinitionCondition
        {
            Type = Condition,
            Status = value,
            Reason = reason,
            Message = message,
            LastTransitionTime = time.GetUtcNow(),
            ObservedGeneration = definition.Metadata.Generation,
        };
        var status = definition.Status with { Conditions = [.. definition.Status.Conditions.Where(c => c.Type != Condition), condition], StoredVersions = stored };
        var patch = Patch.Between(definition, definition with { Status = status })!.WithRevision(definition.Metadata.ResourceVersion);
        await client.PatchAsync<CustomResourceDefinition>("", definition.Metadata.Name, patch, "status", ct);
    }
}
