using Kobune.Api.ApiExtensions.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.StorageMigration.V1Beta1;
using Kobune.ControllerManager.StorageVersions;

namespace Kobune.ControllerManager.Tests;

/// <summary>Whose turn it is, and what the status says then.</summary>
public class MigrationPlanTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("a", "TakeRevision", "a")]
    [InlineData("a@5", "Begin", "a@5")]
    [InlineData("a@5!Running", "Migrate", "a@5!Running")]
    [InlineData("a@5!Succeeded", "Nothing", "a@5!Succeeded")]
    [InlineData("a@5!Failed", "Nothing", "a@5!Failed")]
    [InlineData("b@5", "Nothing", "a@5 b@5")] // the older one first
    [InlineData("b@5", "Nothing", "a b@5")]
    [InlineData("a@5", "Nothing", "a@5 b@5!Running")] // one at a time
    [InlineData("b@5", "Begin", "a@5!Succeeded b@5")]
    [InlineData("b@5", "Begin", "a@5!Failed b@5")]
    [InlineData("b@5", "Begin", "a@5:pods b@5")] // another resource
    [InlineData("d@5", "Nothing", "c@5 d@5")] // of the same second: by name
    [InlineData("c@5", "Begin", "c@5 d@5")]
    public void One_migration_of_a_resource_runs_at_a_time(string migration, string step, string all) =>
        Assert.Equal(step, MigrationPlan.Next(Of(migration), all.Split(' ').Select(Of)).ToString());

    [Fact]
    public void What_has_ended_runs_no_more()
    {
        var runs = MigrationPlan.Running(new() { ResourceVersion = "5" }, Start);
        Assert.Equal("Running True MigrationRunning The migration is running", Text(runs));
        Assert.Equal("Running False MigrationCompleted Migration completed; Succeeded True StorageVersionMigrationSucceeded ", Text(MigrationPlan.Succeeded(runs, Start)));
        Assert.Equal("Running False MigrationCompleted Migration completed; Failed True StorageVersionMigrationFailed why", Text(MigrationPlan.Failed(runs, "why", Start)));
        Assert.Equal("Failed True StorageVersionMigrationFailed why", Text(MigrationPlan.Failed(new(), "why", Start)));
        Assert.Equal("5", MigrationPlan.Succeeded(runs, Start).ResourceVersion);
    }

    [Theory]
    [InlineData(3, true, "v2", "MigrationSucceeded: The migration has succeeded and the stored versions have been updated")]
    [InlineData(2, true, "v1 v2", "MigrationSucceeded: The migration has succeeded but the stored versions have not been updated due to a generation mismatch")]
    [InlineData(3, false, "v2", "MigrationFailed: The migration has failed")]
    [InlineData(2, false, "v1 v2", "MigrationFailed: The migration has failed")]
    public void A_definition_that_changed_meanwhile_keeps_its_stored_versions(long seen, bool succeeded, string stored, string said)
    {
        var definition = new CustomResourceDefinition
        {
            Metadata = new() { Generation = 3 },
            Spec = new() { Versions = [new() { Name = "v1" }, new() { Name = "v2", Storage = true }] },
            Status = new() { StoredVersions = ["v1", "v2"], Conditions = [new() { Type = "StorageMigrating", Status = "True", ObservedGeneration = seen }] },
        };
        var end = DefinitionMigration.EndOf(definition, succeeded);
        Assert.Equal((stored, said), (string.Join(' ', end.Stored), $"{end.Reason}: {end.Message}"));
    }

    private static string Text(StorageVersionMigrationStatus status) => string.Join("; ", status.Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason} {c.Message}"));

    /// <summary>NAME@REVISION!CONDITION:RESOURCE; a, b and c were made in this order, d with c.</summary>
    private static StorageVersionMigration Of(string text)
    {
        var resource = text.Contains(':', StringComparison.Ordinal) ? text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..] : "secrets";
        text = text.Split(':')[0];
        var condition = text.Split('!') is [_, var type] ? type : "";
        var name = text.Split('!')[0].Split('@');
        return new()
        {
            Metadata = new() { Name = name[0], CreationTimestamp = Start.AddMinutes(Math.Min(name[0][0], 'c')) },
            Spec = new() { Resource = new() { Resource = resource } },
            Status = new() { ResourceVersion = name is [_, var revision] ? revision : "", Conditions = condition.Length == 0 ? [] : [new Condition { Type = condition, Status = "True" }] },
        };
    }
}
