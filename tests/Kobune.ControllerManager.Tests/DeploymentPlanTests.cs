using Kobune.Api.Apps.V1;
using Kobune.ControllerManager.Deployments;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests;

public class DeploymentPlanTests
{
    private sealed record Case(string Name, Deployment Deployment, ReplicaSet[] Sets, string[] Events);

    private static readonly Case[] Cases =
    [
        new("scales the only set up", Deployment(5), [Set("a", 3, desired: 3, max: 4)], ["Scaled up replica set a from 3 to 5"]),
        new("scales the only set down", Deployment(0), [Set("a", 3, desired: 3, max: 4)], ["Scaled down replica set a from 3 to 0"]),
        new("rests when all is done", Deployment(3), [Set("a", 3, desired: 3, max: 4)], []),
        new("surges with the new set first", Deployment(10, "v2"), [Set("a", 10, desired: 10, max: 13), Set("b", 0, "v2", revision: 2)], ["Scaled up replica set b from 0 to 3"]),
        new("then lets old ones go, as many as may be unavailable", Deployment(10, "v2"), [Set("a", 10, desired: 10, max: 13), Set("b", 3, "v2", available: 0, revision: 2, desired: 10, max: 13)], ["Scaled down replica set a from 10 to 8"]),
        new("does not touch old ones while the new ones are not there", Deployment(10, "v2"), [Set("a", 8, desired: 10, max: 13), Set("b", 5, "v2", available: 0, revision: 2, desired: 10, max: 13)], []),
        new("goes on when new ones are available", Deployment(10, "v2"), [Set("a", 8, desired: 10, max: 13), Set("b", 5, "v2", revision: 2, desired: 10, max: 13)], ["Scaled down replica set a from 8 to 3"]),
        new("takes unhealthy old ones first", Deployment(4, "v2"), [Set("a", 4, available: 0, desired: 4, max: 5), Set("b", 1, "v2", revision: 2, desired: 4, max: 5)], ["Scaled down replica set a from 4 to 2"]),
        new("finishes the new set", Deployment(3, "v2"), [Set("a", 0, desired: 3, max: 4), Set("b", 2, "v2", revision: 2, desired: 3, max: 4)], ["Scaled up replica set b from 2 to 3"]),
        new("scales all sets in proportion in the middle of a rollout", Deployment(20, "v2"), [Set("a", 8, desired: 10, max: 13), Set("b", 5, "v2", available: 1, revision: 2, desired: 10, max: 13)], ["Scaled up replica set a from 8 to 15", "Scaled up replica set b from 5 to 10"]),
        new("a recreate takes all old ones first", Deployment(3, "v2", DeploymentStrategyType.Recreate), [Set("a", 3, desired: 3, max: 3)], ["Scaled down replica set a from 3 to 0"]),
        new("a recreate to nothing takes all of several sets that it adopted", Deployment(0, "v3", DeploymentStrategyType.Recreate), [Set("a", 2, desired: 3, max: 4), Set("b", 1, "v2", revision: 2, desired: 3, max: 4)], ["Scaled down replica set a from 2 to 0", "Scaled down replica set b from 1 to 0"]),
        new("a recreate of another size takes the old one of several sets first", Deployment(5, "v2", DeploymentStrategyType.Recreate), [Set("a", 2, desired: 3, max: 4), Set("b", 1, "v2", revision: 2, desired: 3, max: 4)], ["Scaled down replica set a from 2 to 0"]),
        new("a recreate waits for the last old pod", Deployment(3, "v2", DeploymentStrategyType.Recreate), [Set("a", 0, exist: 1, desired: 3, max: 3)], []),
        new("a pause lets the sizes follow but not the template", Deployment(5, "v2") with { Spec = Deployment(5, "v2").Spec with { Paused = true } }, [Set("a", 3, desired: 3, max: 4)], ["Scaled up replica set a from 3 to 5"]),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_rollout_takes_one_step(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var plan = Compute(c.Deployment, c.Sets);
        Assert.Null(plan.Create);
        Assert.Equal(c.Events, plan.Changes.Select(s => s.Event).OfType<string>().Order());
    }

    [Fact]
    public void A_new_template_gets_a_new_set()
    {
        var plan = Compute(Deployment(4, "v2"), [Set("a", 4, desired: 4, max: 5, revision: 7)]);
        var created = plan.Create!;
        var hash = created.Metadata.Labels["pod-template-hash"];
        Assert.Equal("web-" + hash, created.Metadata.Name);
        Assert.Equal(1, created.Spec.Replicas);
        Assert.Equal(hash, created.Spec.Selector!.MatchLabels["pod-template-hash"]);
        Assert.Equal(hash, created.Spec.Template.Metadata.Labels["pod-template-hash"]);
        Assert.Equal(("8", "4", "5"), (created.Metadata.Annotations[DeploymentAnnotations.Revision], created.Metadata.Annotations[DeploymentAnnotations.DesiredReplicas], created.Metadata.Annotations[DeploymentAnnotations.MaxReplicas]));
        Assert.Equal("8", plan.Desired.Metadata.Annotations[DeploymentAnnotations.Revision]);
        Assert.Equal("NewReplicaSetCreated", Reason(plan.Desired));
    }

    [Fact]
    public void A_rollback_gives_the_old_set_the_next_revision_and_keeps_its_history()
    {
        var plan = Compute(Deployment(1), [Set("a", 0, "v1", revision: 1), Set("b", 1, "v2", revision: 2, desired: 1, max: 2)]);
        var back = plan.Changes.Single(c => c.From.Metadata.Name == "a").To;
        Assert.Equal(("3", "1"), (back.Metadata.Annotations[DeploymentAnnotations.Revision], back.Metadata.Annotations[DeploymentAnnotations.History]));
        Assert.Equal(1, back.Spec.Replicas);
        Assert.Equal("3", plan.Desired.Metadata.Annotations[DeploymentAnnotations.Revision]);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    public void The_set_of_the_template_gets_its_revision_in_a_pause_and_while_sizes_change_too(bool isPaused, int replicas)
    {
        var deployment = Deployment(replicas);
        deployment = deployment with { Spec = deployment.Spec with { Paused = isPaused } };
        var plan = Compute(deployment, [Set("a", 0, "v1", revision: 1), Set("b", 1, "v2", revision: 2, desired: 1, max: 2)]);
        var back = plan.Changes.Single(c => c.From.Metadata.Name == "a").To;
        Assert.Equal("3", back.Metadata.Annotations[DeploymentAnnotations.Revision]);
        Assert.Equal("3", plan.Desired.Metadata.Annotations[DeploymentAnnotations.Revision]);
        Assert.Equal(0, back.Spec.Replicas);
    }

    [Fact]
    public void While_sizes_change_a_set_that_was_there_already_is_found() =>
        Assert.Equal("FoundNewReplicaSet", Reason(Compute(Deployment(3), [Set("b", 1, desired: 1, max: 2)]).Desired));

    [Theory]
    [InlineData(2, 3, 5)]
    [InlineData(2, null, null)]
    [InlineData(null, null, null)]
    public void Pods_that_go_are_counted_when_all_sets_know_theirs(int? first, int? second, int? expected)
    {
        ReplicaSet[] sets = [Going(Set("a", 1), first), Going(Set("b", 1, "v2"), second)];
        Assert.Equal(expected, DeploymentStatusPlan.Settled(Deployment(2), sets, sets[1], Now).TerminatingReplicas);
        static ReplicaSet Going(ReplicaSet set, int? count) => set with { Status = set.Status with { TerminatingReplicas = count } };
    }

    [Fact]
    public void Old_sets_beyond_the_history_limit_go_when_the_rollout_is_complete()
    {
        var deployment = Deployment(1, "v9");
        deployment = deployment with { Spec = deployment.Spec with { RevisionHistoryLimit = 2 } };
        ReplicaSet[] sets = [.. Enumerable.Range(1, 5).Select(i => Set("s" + i, 0, "v" + i, revision: i, desired: 1, max: 2)), Set("new", 1, "v9", revision: 6, desired: 1, max: 2)];
        var complete = Compute(deployment, sets).Desired;
        var plan = Compute(deployment with { Status = complete.Status }, sets);
        Assert.Equal(["s1", "s2", "s3"], plan.Delete.Select(s => s.Metadata.Name));
    }

    [Fact]
    public void Progress_is_told_and_times_out()
    {
        var deployment = Deployment(2, "v2");
        ReplicaSet[] sets = [Set("b", 2, "v2", available: 0, desired: 2, max: 3)];
        var first = Compute(deployment, sets);
        Assert.Equal("ReplicaSetUpdated", Reason(first.Desired));
        Assert.Equal(TimeSpan.FromSeconds(601), first.LookAgain);
        var late = DeploymentPlan.Compute(new(deployment with { Status = first.Desired.Status }, sets, _ => false, Now.AddSeconds(601)));
        var condition = DeploymentStatusPlan.Find(late.Desired.Status, DeploymentConditionType.Progressing)!;
        Assert.Equal(("False", "ProgressDeadlineExceeded", "ReplicaSet \"b\" has timed out progressing."), (condition.Status, condition.Reason, condition.Message));
        Assert.Null(late.LookAgain);
        var done = DeploymentPlan.Compute(new(deployment with { Status = late.Desired.Status }, [Set("b", 2, "v2", desired: 2, max: 3)], _ => false, Now.AddSeconds(700)));
        Assert.Equal("NewReplicaSetAvailable", Reason(done.Desired));
    }

    [Fact]
    public void Availability_counts_what_may_be_missing()
    {
        var enough = DeploymentStatusPlan.Settled(Deployment(4), [Set("a", 4, available: 3)], null, Now);
        var missing = DeploymentStatusPlan.Settled(Deployment(4), [Set("a", 4, available: 2)], null, Now);
        Assert.Equal(["MinimumReplicasAvailable", "MinimumReplicasUnavailable"], new[] { enough, missing }.Select(s => s.Conditions.Single().Reason));
        Assert.Equal((4, 2, 2), (missing.Replicas, missing.AvailableReplicas, missing.UnavailableReplicas));
    }

    [Fact]
    public void A_second_look_at_an_unchanged_world_writes_nothing()
    {
        ReplicaSet[] sets = [Set("a", 3, desired: 3, max: 4)];
        var once = Compute(Deployment(3), sets).Desired;
        var again = Compute(once, sets);
        Assert.Equal(once, again.Desired);
        Assert.Empty(again.Changes);
    }

    [Fact]
    public void The_hash_is_written_in_letters_that_spell_nothing()
    {
        Assert.Matches("^[bcdfghjklmnpqrstvwxz2456789]+$", PodTemplateHash.Of(Template("v1"), null));
        Assert.NotEqual(PodTemplateHash.Of(Template("v1"), null), PodTemplateHash.Of(Template("v1"), 1));
        Assert.Equal("456789bcdf", PodTemplateHash.SafeEncode("0123456789"));
    }

    private static DeploymentPlan Compute(Deployment deployment, ReplicaSet[] sets) => DeploymentPlan.Compute(new(deployment, sets, _ => false, Now));

    private static string Reason(Deployment deployment) => DeploymentStatusPlan.Find(deployment.Status, DeploymentConditionType.Progressing)!.Reason;
}
