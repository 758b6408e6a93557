using System.Globalization;
using Kobune.Api.Batch.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>
/// A job's status moves one way, whoever writes it: counters rise, an end is final. A rule speaks only when what it is about has changed.
/// Source: pkg/apis/batch/validation, ValidateJobStatusUpdate, in its order, with the options of pkg/registry/batch/job.
/// </summary>
internal sealed class JobStatusRules
{
    private const string Conditions = "status.conditions";
    private readonly Job _job;
    private readonly JobStatus _now;
    private readonly JobStatus _before;
    private readonly FieldErrors _errors;
    private readonly bool _complete;
    private readonly bool _failed;
    private readonly bool _met;
    private readonly bool _target;
    private readonly bool _finished;

    // What has changed.
    private readonly bool _completed;
    private readonly bool _ended;
    private readonly bool _started;
    private readonly bool _timed;

    private JobStatusRules(Job job, Job old, FieldErrors errors)
    {
        (_job, _now, _before, _errors) = (job, job.Status, old.Status, errors);
        (_complete, _failed, _met, _target) = (Is(_now, JobConditionType.Complete), Is(_now, JobConditionType.Failed), Is(_now, JobConditionType.SuccessCriteriaMet), Is(_now, JobConditionType.FailureTarget));
        _finished = _complete || _failed;
        _completed = _complete != Is(_before, JobConditionType.Complete);
        _ended = _finished != (Is(_before, JobConditionType.Complete) || Is(_before, JobConditionType.Failed));
        (_started, _timed) = (_now.StartTime != _before.StartTime, _now.CompletionTime != _before.CompletionTime);
    }

    public static void Validate(Job now, Job before, FieldErrors errors)
    {
        var rules = new JobStatusRules(now, before, errors);
        rules.Counts();
        rules.Uncounted();
        rules.Completion();
        rules.Finished();
        JobStatusIndexRules.Validate(now, before.Status, errors);
        rules.Pods();
        rules.Success();
        rules.Moves();
    }

    private static bool Is(JobStatus status, string condition) => status.Conditions.Any(c => c.Type == condition && c.Status == "True");

    private static string? Shown(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private void Refuse(bool isWrong, string detail)
    {
        if (isWrong)
        {
            _errors.Add("FieldValueInvalid", Conditions, "Invalid value: " + detail);
        }
    }

    private void Refuse(bool isWrong, string field, object? value, string detail)
    {
        if (isWrong)
        {
            _errors.Invalid("status." + field, value, detail);
        }
    }

    private void Counts()
    {
        _errors.NonNegative("status.active", _now.Active);
        _errors.NonNegative("status.succeeded", _now.Succeeded);
        _errors.NonNegative("status.failed", _now.Failed);
        _errors.NonNegative("status.ready", _now.Ready);
        _errors.NonNegative("status.terminating", _now.Terminating);
    }

    private void Uncounted()
    {
        var seen = new HashSet<string>();
        foreach (var (uids, path) in _now.UncountedTerminatedPods is not { } uncounted ? [] : new[] { (uncounted.Succeeded, "succeeded"), (uncounted.Failed, "failed") })
        {
            for (var i = 0; i < uids.Count; i++)
            {
                var field = $"status.uncountedTerminatedPods.{path}[{i}]";
                if (uids[i].Length == 0)
                {
                    _errors.Invalid(field, uids[i], "must not be empty");
                }
                else if (!seen.Add(uids[i]))
                {
                    _errors.Duplicate(field, uids[i]);
                }
            }
        }
    }

    private void Completion()
    {
        Refuse(_complete && _failed && (_completed || _failed != Is(_before, JobConditionType.Failed)), "cannot set Complete=True and Failed=true conditions");
        Refuse(_complete && _target && (_completed || _target != Is(_before, JobConditionType.FailureTarget)), "cannot set Complete=True and FailureTarget=true conditions");
        Refuse(_now.CompletionTime is not null && !_complete && (_completed || _timed), "completionTime", Shown(_now.CompletionTime), "cannot set completionTime when there is no Complete=True condition");
        if (_now.CompletionTime is null && _complete && (_completed || _timed))
        {
            _errors.Required("status.completionTime", "completionTime is required for Complete jobs");
        }

        Refuse(_now.CompletionTime < _now.StartTime && (_started || _timed), "completionTime", Shown(_now.CompletionTime), "completionTime cannot be set before startTime");
    }

    private void Finished()
    {
        Refuse(_failed && !_target && _failed != Is(_before, JobConditionType.Failed), "cannot set Failed=True condition without the FailureTarget=true condition");
        Refuse(_complete && !_met && _completed, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
        Refuse(_finished && _now.Active > 0 && (_ended || _now.Active != _before.Active), "active", _now.Active, "active>0 is invalid for finished job");
        if (_now.StartTime is null && _finished && (_ended || _started))
        {
            _errors.Required("status.startTime", "startTime is required for finished job");
        }

        var left = _now.UncountedTerminatedPods;
        Refuse(_finished && left?.Failed.Count + left?.Succeeded.Count > 0 && (_ended || left != _before.UncountedTerminatedPods), "uncountedTerminatedPods", left, "uncountedTerminatedPods needs to be empty for finished job");
    }

    private void Pods()
    {
        Refuse(_finished && _now.Terminating > 0 && (_ended || _now.Terminating != _before.Terminating), "terminating", _now.Terminating, "terminating>0 is invalid for finished job");
        Refuse(_now.Ready > _now.Active && (_now.Ready != _before.Ready || _now.Active != _before.Active), "ready", _now.Ready, "cannot set more ready pods than active");
    }

    private void Success()
    {
        Refuse(_met && _failed, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
        Refuse(_met && _target, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
        Refuse(_job.Spec.SuccessPolicy is not null && !_met && _complete, "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
    }

    /// <summary>What was reached is not taken back.</summary>
    private void Moves()
    {
        foreach (var end in new[] { JobConditionType.Failed, JobConditionType.Complete, JobConditionType.FailureTarget })
        {
            Refuse(Is(_before, end) && !Is(_now, end), $"cannot disable the terminal {end}=True condition");
        }

        Refuse(_now.Failed < _before.Failed, "failed", _now.Failed, "cannot decrease the failed counter");

        // An elastic job that shrinks loses indexes.
        var isElastic = _job.Spec.CompletionMode == "Indexed" && _job.Spec.Completions == _job.Spec.Parallelism;
        Refuse(_now.Succeeded < _before.Succeeded && !isElastic, "succeeded", _now.Succeeded, "cannot decrease the succeeded counter");
        Refuse(_now.CompletionTime is not null && _before.CompletionTime is not null && _timed, "completionTime", Shown(_now.CompletionTime), "completionTime cannot be mutated");

        // A job that is resumed starts anew.
        var resumes = Is(_before, JobConditionType.Suspended) && _now.StartTime is not null;
        if (_before.StartTime is not null && _started && _job.Spec.Suspend != true && !resumes)
        {
            _errors.Required("status.startTime", "startTime cannot be removed for unsuspended job");
        }

        Refuse(Is(_before, JobConditionType.SuccessCriteriaMet) && !_met, "cannot disable the SuccessCriteriaMet=True condition");
        Refuse(Is(_before, JobConditionType.Complete) && !Is(_before, JobConditionType.SuccessCriteriaMet) && _met, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
    }
}
