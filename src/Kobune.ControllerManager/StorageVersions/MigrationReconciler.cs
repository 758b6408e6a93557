using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Api.StorageMigration.V1Beta1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Discovery;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.StorageVersions;

/// <summary>
/// Moves a migration one step. Upstream has three loops for it, which write down the revision, let one of each resource run, and rewrite; here the definition of a custom
/// resource is brought up to date before the migration says that it has succeeded.
/// </summary>
internal sealed class MigrationReconciler(ICache<StorageVersionMigration> migrations, DefinitionMigration definitions, ObjectRewriter objects, IClient client, TimeProvider time) : IReconciler
{
    // A definition may have been made together with its migration.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    private readonly DiscoveryClient _discovery = new(client.Transport, time);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (migrations.Find(key) is not { } migration)
        {
            return ReconcileResult.Done;
        }

        switch (MigrationPlan.Next(migration, migrations.List()))
        {
            case MigrationStep.TakeRevision:
                return await TakeRevisionAsync(migration, ct);
            case MigrationStep.Begin:
                await definitions.BeginAsync(migration, ct);
                await SayAsync(migration, MigrationPlan.Running(migration.Status, time.GetUtcNow()), ct);
                break;
            case MigrationStep.Migrate:
                return await MigrateAsync(migration, ct);
            default:
                break;
        }

        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> TakeRevisionAsync(StorageVersionMigration migration, CancellationToken ct)
    {
        if (await FindAsync(migration, ct) is not { } info)
        {
            return await MissingAsync(migration, "resource does not exist in discovery", ct);
        }

        if (!info.Can("list", "update", "patch"))
        {
            return await FailAsync(migration, $"resource {migration.Spec.Resource.Resource} cannot be listed, updated and patched", ct);
        }

        await SayAsync(migration, migration.Status with { ResourceVersion = await objects.NewestRevisionAsync(info.Resource, ct) }, ct);
        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> MigrateAsync(StorageVersionMigration migration, CancellationToken ct)
    {
        if (await FindAsync(migration, ct) is not { } info)
        {
            return await MissingAsync(migration, "migration encountered unhandled error: unable to obtain GVR from discovery", ct);
        }

        try
        {
            await objects.RewriteAsync(info.Resource, Revision.Parse(migration.Status.ResourceVersion), ct);
        }
        catch (ApiException e) when (!IsPassing(e))
        {
            return await FailAsync(migration, "migration encountered unhandled error: " + e.Message, ct);
        }

        await definitions.EndAsync(migration, succeeded: true, ct);
        await SayAsync(migration, MigrationPlan.Succeeded(migration.Status, time.GetUtcNow()), ct);
        return ReconcileResult.Done;
    }

    /// <summary>Whether the same may succeed a moment later: then the migration goes on instead of failing.</summary>
    private static bool IsPassing(ApiException error) =>
        error.IsTooManyRequests || error.IsExpired || error.Reason is StatusReason.Timeout or StatusReason.ServerTimeout or StatusReason.ServiceUnavailable or StatusReason.InternalError;

    private async Task<ApiResourceInfo?> FindAsync(StorageVersionMigration migration, CancellationToken ct)
    {
        var wanted = migration.Spec.Resource;
        var served = await _discovery.PreferredResourcesAsync(ct);
        return served.Items.FirstOrDefault(i => i.Resource.Group == wanted.Group && i.Resource.Plural == wanted.Resource)
            ?? (served.Failures.Keys.Any(f => f.StartsWith(wanted.Group + "/", StringComparison.Ordinal)) ? throw new HttpRequestException($"the group {wanted.Group} does not answer") : null);
    }

    private async Task<ReconcileResult> MissingAsync(StorageVersionMigration migration, string why, CancellationToken ct) =>
        migration.Metadata.CreationTimestamp + Patience > time.GetUtcNow() ? ReconcileResult.RequeueAfter(Look) : await FailAsync(migration, why, ct);

    private async Task<ReconcileResult> FailAsync(StorageVersionMigration migration, string why, CancellationToken ct)
    {
        if (migration.Status.Conditions.Count > 0)
        {
            await definitions.EndAsync(migration, succeeded: false, ct);
        }

        // The server refuses a status without a revision: one that failed before it had one gets its own.
        var status = MigrationPlan.Failed(migration.Status, why, time.GetUtcNow());
        await SayAsync(migration, status.ResourceVersion.Length > 0 ? status : status with { ResourceVersion = migration.Metadata.ResourceVersion }, ct);
        return ReconcileResult.Done;
    }

    private Task<StorageVersionMigration> SayAsync(StorageVersionMigration migration, StorageVersionMigrationStatus status, CancellationToken ct) =>
        client.UpdateStatusAsync(migration with { Status = status }, ct);
}
