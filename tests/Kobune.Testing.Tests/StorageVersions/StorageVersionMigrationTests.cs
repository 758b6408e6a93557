using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.ApiExtensions.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema;
using Kobune.Api.StorageMigration.V1Beta1;
using Kobune.Client;
using Kobune.Storage;
using Kobune.Testing.Faults;

namespace Kobune.Testing.Tests.StorageVersions;

/// <summary>Orders to write all objects of a resource anew, on a whole cluster.</summary>
public sealed class StorageVersionMigrationTests : IAsyncLifetime
{
    private const string Key = "/registry/boats.example/boats/default/";
    private IStore _store = null!;
    private TestCluster _cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(
            o => o with
            {
                FakeTime = true,
                Nodes = 0,
                Features = FeatureGates.Parse(KubernetesVersion.Newest, "StorageVersionMigrator=true"),
                Settings = s =>
                {
                    _store = s.Store;
                    return s with { Server = server => server with { RuntimeConfig = RuntimeConfig.TryParse("storagemigration.k8s.io/v1beta1")! } };
                },
            },
            Ct);
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Custom_objects_are_stored_in_the_new_version_and_the_old_one_is_forgotten()
    {
        await DefineAsync();
        await BoatAsync("a");
        await BoatAsync("b");
        Assert.Contains("boats.example/v1\"", await StoredAsync("a"), StringComparison.Ordinal);
        var crd = await StoreV2Async();
        Assert.Equal(["v1", "v2"], crd.Status.StoredVersions);
        Assert.Contains("boats.example/v1\"", await StoredAsync("a"), StringComparison.Ordinal);

        await SucceedsAsync("m", "boats.example", "boats");
        foreach (var boat in new[] { "a", "b" })
        {
            var stored = await StoredAsync(boat);
            Assert.Contains("boats.example/v2\"", stored, StringComparison.Ordinal);
            Assert.Contains("\"sails\":3", stored, StringComparison.Ordinal);
            Assert.DoesNotContain("storage-version-migrator", stored, StringComparison.Ordinal); // it owns no field
        }

        crd = await _cluster.Client.GetAsync<CustomResourceDefinition>("", "boats.boats.example", Ct);
        Assert.Equal(["v2"], crd.Status.StoredVersions);
        var condition = crd.Status.Conditions.Single(c => c.Type == "StorageMigrating");
        Assert.Equal(("False", "MigrationSucceeded", "The migration has succeeded and the stored versions have been updated", crd.Metadata.Generation), (condition.Status, condition.Reason, condition.Message, condition.ObservedGeneration));
        Assert.Empty(_cluster.DeniedRequests);
    }

    [Fact]
    public async Task What_is_stored_as_it_should_be_is_left_alone()
    {
        var map = await _cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "c", Namespace = "default" }, Data = new Dictionary<string, string> { ["a"] = "b" } }, Ct);
        await SucceedsAsync("m", "", "configmaps");
        Assert.Equal(map, await _cluster.Client.GetAsync<ConfigMap>("default", "c", Ct));
        Assert.Empty(_cluster.DeniedRequests);
    }

    [Fact]
    public async Task A_conflict_means_that_somebody_else_has_written_the_object()
    {
        await DefineAsync();
        await BoatAsync("a");
        await StoreV2Async();
        using var conflict = _cluster.Faults.Conflict(new RequestMatch { Verb = "patch", Resource = "boats" });
        await SucceedsAsync("m", "boats.example", "boats");
        Assert.Equal(1, conflict.Hits);
    }

    [Fact]
    public async Task A_server_in_trouble_is_asked_again_and_a_refusal_fails_the_migration()
    {
        await DefineAsync();
        await BoatAsync("a");
        await StoreV2Async();
        var patches = new RequestMatch { Verb = "patch", Resource = "boats" };
        using (_cluster.Faults.InternalError(patches, times: 2))
        {
            await SucceedsAsync("first", "boats.example", "boats");
        }

        using (_cluster.Faults.Refuse(patches, _ => new Status { StatusValue = "Failure", Code = 403, Reason = StatusReason.Forbidden, Message = "not you" }))
        {
            var failed = await MigrateAsync("second", "boats.example", "boats");
            Assert.StartsWith("Running False MigrationCompleted Migration completed; Failed True StorageVersionMigrationFailed migration encountered unhandled error: not you", Text(failed), StringComparison.Ordinal);
        }

        var crd = await _cluster.Client.GetAsync<CustomResourceDefinition>("", "boats.boats.example", Ct);
        Assert.Equal("MigrationFailed", crd.Status.Conditions.Single(c => c.Type == "StorageMigrating").Reason);
    }

    [Fact]
    public async Task A_resource_that_nobody_serves_fails_after_a_minute()
    {
        await _cluster.Client.CreateAsync(Migration("m", "boats.example", "boats"), Ct);
        await _cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(50), Ct);
        Assert.Empty((await ReadAsync("m")).Status.Conditions);
        await _cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(20), Ct);
        Assert.Equal("Failed True StorageVersionMigrationFailed resource does not exist in discovery", Text(await ReadAsync("m")));
    }

    private static StorageVersionMigration Migration(string name, string group, string resource) =>
        new() { Metadata = new() { Name = name }, Spec = new() { Resource = new GroupResource { Group = group, Resource = resource } } };

    private static string Text(StorageVersionMigration migration) => string.Join("; ", migration.Status.Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason} {c.Message}"));

    private Task<StorageVersionMigration> ReadAsync(string name) => _cluster.Client.GetAsync<StorageVersionMigration>("", name, Ct);

    private async Task SucceedsAsync(string name, string group, string resource)
    {
        var done = await MigrateAsync(name, group, resource);
        Assert.Equal("Running False MigrationCompleted Migration completed; Succeeded True StorageVersionMigrationSucceeded ", Text(done));
        Assert.NotEqual("", done.Status.ResourceVersion);
    }

    private async Task<StorageVersionMigration> MigrateAsync(string name, string group, string resource)
    {
        await _cluster.Client.CreateAsync(Migration(name, group, resource), Ct);
        await _cluster.Time.AdvanceUntilAsync(async () => (await ReadAsync(name)).Status.Conditions.Any(c => c is { Type: "Succeeded" or "Failed", Status: "True" }), TimeSpan.FromMinutes(2), Ct);
        return await ReadAsync(name);
    }

    private async Task DefineAsync()
    {
        var schema = new CustomResourceValidation { OpenAPIV3Schema = JsonSchema() };
        await _cluster.Client.CreateAsync(
            new CustomResourceDefinition
            {
                Metadata = new() { Name = "boats.boats.example" },
                Spec = new()
                {
                    Group = "boats.example",
                    Scope = "Namespaced",
                    Names = new() { Plural = "boats", Kind = "Boat" },
                    Versions = [new() { Name = "v1", Served = true, Storage = true, Schema = schema }, new() { Name = "v2", Served = true, Schema = schema }],
                },
            },
            Ct);
        await _cluster.Time.SettleAsync(Ct);
    }

    private static JSONSchemaProps JsonSchema() => new() { Type = "object", XPreserveUnknownFields = true };

    private async Task BoatAsync(string name)
    {
        var body = new JsonObject { ["apiVersion"] = "boats.example/v1", ["kind"] = "Boat", ["metadata"] = new JsonObject { ["name"] = name }, ["sails"] = 3 };
        var answer = await _cluster.Client.Transport.SendAsync(new("POST", "/apis/boats.example/v1/namespaces/default/boats", Encoding.UTF8.GetBytes(body.ToJsonString())), Ct);
        Assert.Equal(201, answer.StatusCode);
    }

    private async Task<CustomResourceDefinition> StoreV2Async()
    {
        var crd = await _cluster.Client.GetAsync<CustomResourceDefinition>("", "boats.boats.example", Ct);
        await _cluster.Client.UpdateAsync(crd with { Spec = crd.Spec with { Versions = [.. crd.Spec.Versions.Select(v => v with { Storage = v.Name == "v2" })] } }, Ct);
        await _cluster.Time.SettleAsync(Ct);
        return await _cluster.Client.GetAsync<CustomResourceDefinition>("", "boats.boats.example", Ct);
    }

    private async Task<string> StoredAsync(string name) => Encoding.UTF8.GetString((await _store.GetAsync(Key + name, 0, Ct)).Item!.Value.Span);
}
