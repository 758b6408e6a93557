using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.CronJobs;

/// <summary>What one step has found and done: the cron job as it was read, and its status as it shall be.</summary>
/// <param name="Cron">The cron job.</param>
/// <param name="Status">The new status.</param>
/// <param name="LookAgain">When the next time comes.</param>
internal sealed record CronJobStep(CronJob Cron, CronJobStatus Status, TimeSpan? LookAgain);

/// <summary>A step that failed in the middle.</summary>
/// <param name="step">What was done until then.</param>
/// <param name="inner">Why it failed.</param>
internal sealed class CronJobStepException(CronJobStep step, Exception inner) : Exception(inner.Message, inner)
{
    public CronJobStep Step => step;
}

/// <summary>Starts, finds and deletes Jobs of a cron job, with its Events.</summary>
internal sealed class CronJobStarter(IClient client, IEventRecorder events)
{
    /// <summary>Starts the Job of a time; with the policy Replace, after the running ones were deleted.</summary>
    /// <exception cref="CronJobStepException">Jobs could not be deleted, or the new one not created.</exception>
    public async Task<CronJobStep> StartAsync(CronJobStep step, DateTimeOffset due, TimeZoneInfo zone, CancellationToken ct)
    {
        try
        {
            if (step.Cron.Spec.ConcurrencyPolicy == ConcurrencyPolicy.Replace)
            {
                foreach (var active in step.Status.Active)
                {
                    step = await ReplaceAsync(step, active, ct);
                }
            }

            return await CreateAsync(step, CronJobPlan.JobOf(step.Cron, due, zone), due, ct);
        }
        catch (ApiException e)
        {
            throw new CronJobStepException(step, e);
        }
    }

    /// <summary>An active Job as the server has it; null when it is gone.</summary>
    public async Task<Job?> FindAsync(ObjectReference active, CancellationToken ct) =>
        await client.FindAsync<Job>(active.Namespace, active.Name, ct) is { } job && job.Metadata.Uid == active.Uid ? job : null;

    /// <summary>Deletes a Job, its pods in the background; null when that failed.</summary>
    public async Task<CronJobStep?> DeleteAsync(CronJobStep step, Job job, CancellationToken ct)
    {
        try
        {
            var options = new DeleteOptions { PropagationPolicy = DeletionPropagation.Background, Preconditions = new Preconditions { Uid = job.Metadata.Uid } };
            await client.DeleteAsync<Job>(job.Metadata.Namespace, job.Metadata.Name, options, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return step with { Status = step.Status.Without(job.Metadata.Uid) }; // someone else was faster
        }
        catch (ApiException e)
        {
            events.Warning(step.Cron, "FailedDelete", $"Deleted job: {e.Message}");
            return null;
        }

        events.Normal(step.Cron, "SuccessfulDelete", $"Deleted job {job.Metadata.Name}");
        return step with { Status = step.Status.Without(job.Metadata.Uid) };
    }

    private async Task<CronJobStep> ReplaceAsync(CronJobStep step, ObjectReference active, CancellationToken ct)
    {
        if (await FindAsync(active, ct) is not { } job)
        {
            return step with { Status = step.Status.Without(active.Uid) };
        }

        return await DeleteAsync(step, job, ct)
            ?? throw new CronJobStepException(step, new InvalidOperationException($"could not replace job {job.Metadata.Namespace}/{job.Metadata.Name}"));
    }

    private async Task<CronJobStep> CreateAsync(CronJobStep step, Job job, DateTimeOffset due, CancellationToken ct)
    {
        Job made;
        try
        {
            made = await client.CreateAsync(job, ct);
            events.Normal(step.Cron, "SuccessfulCreate", $"Created job {made.Metadata.Name}");
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Ours from before a crash: it is recorded now. One that somebody else made is left alone.
            made = await client.GetAsync<Job>(job.Metadata.Namespace, job.Metadata.Name, ct);
            if (made.ControllerRef()?.Uid != step.Cron.Metadata.Uid || step.Status.IsActive(made))
            {
                return step;
            }
        }
        catch (ApiException e) when (!e.IsNamespaceTerminating)
        {
            events.Warning(step.Cron, "FailedCreate", $"Error creating job: {e.Message}");
            throw;
        }

        return step with { Status = step.Status with { Active = [.. step.Status.Active, CronJobPlan.Reference(made)], LastScheduleTime = due } };
    }
}
