using Kobune.Api.Meta.V1;
using Kobune.Api.StorageMigration.V1Beta1;

namespace Kobune.ControllerManager.StorageVersions;

/// <summary>What comes next for a migration.</summary>
internal enum MigrationStep
{
    /// <summary>It has ended, or waits for another one of its resource.</summary>
    Nothing,

    /// <summary>Objects up to the resource's newest revision are its work: that revision is written down.</summary>
    TakeRevision,

    /// <summary>It is its turn.</summary>
    Begin,

    /// <summary>It runs: objects are written anew.</summary>
    Migrate,
}

/// <summary>Which migration runs (one of a resource at a time, the oldest first), and what its status says.</summary>
internal static class MigrationPlan
{
    public static MigrationStep Next(StorageVersionMigration migration, IEnumerable<StorageVersionMigration> all)
    {
        if (HasEnded(migration))
        {
            return MigrationStep.Nothing;
        }

        if (migration.Status.ResourceVersion.Length == 0)
        {
            return MigrationStep.TakeRevision;
        }

        if (Is(migration, MigrationConditionType.Running))
        {
            return MigrationStep.Migrate;
        }

        var queue = all.Where(m => m.Spec.Resource == migration.Spec.Resource && !HasEnded(m)).ToList();
        var first = queue.OrderBy(m => m.Metadata.CreationTimestamp).ThenBy(m => m.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();
        return !queue.Any(m => Is(m, MigrationConditionType.Running)) && first?.Metadata.Name == migration.Metadata.Name ? MigrationStep.Begin : MigrationStep.Nothing;
    }

    public static StorageVersionMigrationStatus Running(StorageVersionMigrationStatus status, DateTimeOffset now) =>
        With(status, MigrationConditionType.Running, "True", "MigrationRunning", "The migration is running", now);

    public static StorageVersionMigrationStatus Succeeded(StorageVersionMigrationStatus status, DateTimeOffset now) =>
        With(Stopped(status, now), MigrationConditionType.Succeeded, "True", "StorageVersionMigrationSucceeded", "", now);

    public static StorageVersionMigrationStatus Failed(StorageVersionMigrationStatus status, string why, DateTimeOffset now) =>
        With(Stopped(status, now), MigrationConditionType.Failed, "True", "StorageVersionMigrationFailed", why, now);

    private static bool HasEnded(StorageVersionMigration migration) => Is(migration, MigrationConditionType.Succeeded) || Is(migration, MigrationConditionType.Failed);

    private static bool Is(StorageVersionMigration migration, string type) => migration.Status.Conditions.Any(c => c.Type == type && c.Status == "True");

    private static StorageVersionMigrationStatus Stopped(StorageVersionMigrationStatus status, DateTimeOffset now) =>
        status.Conditions.Any(c => c is { Type: MigrationConditionType.Running, Status: "True" }) ? With(status, MigrationConditionType.Running, "False", "MigrationCompleted", "Migration completed", now) : status;

    private static StorageVersionMigrationStatus With(StorageVersionMigrationStatus status, string type, string value, string reason, string message, DateTimeOffset now)
    {
        var condition = new Condition { Type = type, Status = value, Reason = reason, Message = message, LastTransitionTime = now };
        return status with { Conditions = [.. status.Conditions.Where(c => c.Type != type), condition] };
    }
}
