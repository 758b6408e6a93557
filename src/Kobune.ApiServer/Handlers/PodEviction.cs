using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Policy.V1;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Preconditions = Kobune.Api.Meta.V1.Preconditions;

namespace Kobune.ApiServer.Handlers;

/// <summary>One eviction: budget -> condition -> delete. Source: k8s.io/kubernetes, registry/core/pod/storage, eviction.go.</summary>
/// <param name="server">The server.</param>
/// <param name="updater">Writes budget and condition.</param>
/// <param name="deleter">Deletes the pod.</param>
/// <param name="call">The request.</param>
/// <param name="resource">Pods.</param>
/// <param name="options">Of the request; a dry run also when the delete is to be one.</param>
/// <param name="delete">Of the Eviction.</param>
internal sealed class PodEviction(ServerContext server, ObjectUpdater updater, ObjectDeleter deleter, ApiCall call, ServedResource resource, WriteOptions options, DeleteOptions delete)
{
    private const int MaxTries = 20;
    private const int MaxDisruptedPods = 2000;

    private bool IsPinned => delete.Preconditions?.ResourceVersion is { Length: > 0 };

    /// <exception cref="StatusException">429 when the budget gives nothing away, 500 when several budgets cover the pod, NotFound, Conflict.</exception>
    public async ValueTask RunAsync(CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var pod = await server.Objects.GetAsync<Pod>(call.Info.Namespace, call.Info.Name, ct) ?? throw StatusErrors.NotFound("", "pods", call.Info.Name);
            var isOver = pod.Status.Phase is PodPhase.Succeeded or PodPhase.Failed || pod.Metadata.DeletionTimestamp is not null;
            if (!isOver && pod.Status.Phase != PodPhase.Pending)
            {
                await EvictRunningAsync(pod, ct);
                return;
            }

            try
            {
                await DeleteAsync(pod, mustBeUnchanged: !isOver, ct);
                return;
            }
            catch (StatusException e) when (e.Reason == "Conflict" && !IsPinned && attempt < MaxTries)
            {
                // It may have begun to run meanwhile: then its budget counts.
            }
        }
    }

    private async ValueTask EvictRunningAsync(Pod pod, CancellationToken ct)
    {
        var budgets = server.Objects.List<PodDisruptionBudget>(pod.Metadata.Namespace)
            .Where(b => b.Spec.Selector is not null && Selector.From(b.Spec.Selector).Matches(pod.Metadata.Labels)).ToArray();
        if (budgets.Length > 1)
        {
            throw StatusErrors.Of(500, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        var isFree = budgets is [var budget] && IsFree(pod, budget);
        if (budgets.Length == 1 && !isFree)
        {
            await TakeAsync(budgets[0], pod, ct);
        }

        try
        {
            await DeleteAsync(pod, mustBeUnchanged: isFree, ct);
        }
        catch (StatusException e) when (e.Reason == "Conflict" && isFree && !IsPinned)
        {
            throw BeingProcessed(budgets[0].Metadata.Name); // it may be healthy now
        }
    }

    /// <summary>An unhealthy pod costs nothing: always, or when the others are enough, as the budget says.</summary>
    private static bool IsFree(Pod pod, PodDisruptionBudget budget) =>
        !pod.Status.Conditions.Any(c => c is { Type: PodConditionType.Ready, Status: "True" })
        && (budget.Spec.UnhealthyPodEvictionPolicy == "AlwaysAllow" || (budget.Status.DesiredHealthy > 0 && budget.Status.CurrentHealthy >= budget.Status.DesiredHealthy));

    /// <summary>Says in the pod's status who takes it, and takes it.</summary>
    private async ValueTask DeleteAsync(Pod pod, bool mustBeUnchanged, CancellationToken ct)
    {
        var preconditions = delete.Preconditions ?? Preconditions.Empty;
        if (mustBeUnchanged && !IsPinned)
        {
            preconditions = preconditions with { ResourceVersion = pod.Metadata.ResourceVersion };
        }

        if (!options.DryRun)
        {
            var written = await updater.UpdateAsync(Status(resource, "pods", "", pod.Metadata.Name), live => Announced(live(), preconditions), ct);
            if (preconditions.ResourceVersion is { Length: > 0 })
            {
                preconditions = preconditions with { ResourceVersion = $"{written.Revision}" };
            }
        }

        await deleter.DeleteAsync(new WriteRequest(call, resource, options) { SkipsWebhooks = true }, delete with { Preconditions = preconditions }, ct);
    }

    /// <summary>Takes one disruption from the budget; refuses with 429 when there is none left.</summary>
    private async ValueTask TakeAsync(PodDisruptionBudget budget, Pod pod, CancellationToken ct) =>
        await updater.UpdateAsync(Status(server.Registry.Find("policy", "v1", "poddisruptionbudgets")!, "poddisruptionbudgets", "policy", budget.Metadata.Name), live => Taken(live(), pod.Metadata.Name), ct);

    /// <summary>A write of the server's own to a status.</summary>
    private WriteRequest Status(ServedResource of, string plural, string group, string name)
    {
        var info = call.Info with { ApiGroup = group, Resource = plural, Subresource = "status", Name = name, Verb = "update" };
        var inner = new ApiCall { Method = "PUT", Path = call.Path, UserAgent = "kube-apiserver", Info = info, User = call.User };
        return new(inner, of, new WriteOptions(options.DryRun, "", FieldValidation.Ignore)) { SkipsWebhooks = true };
    }

    private JsonObject Announced(JsonObject pod, Preconditions wanted)
    {
        Check("UID", wanted.Uid, pod.Meta().TextAt("uid"));
        Check("ResourceVersion", wanted.ResourceVersion, pod.Meta().TextAt("resourceVersion"));
        if (wanted.ResourceVersion is not { Length: > 0 })
        {
            pod.Meta().Remove("resourceVersion"); // whatever comes between, this is to stand
        }

        if (pod["status"] is not JsonObject status)
        {
            pod["status"] = status = [];
        }

        SetCondition(status, new()
        {
            ["type"] = PodConditionType.DisruptionTarget,
            ["observedGeneration"] = pod.Meta()["generation"]?.DeepClone(),
            ["status"] = "True",
            ["reason"] = "EvictionByEvictionAPI",
            ["message"] = "Eviction API: evicting",
        });
        return pod;

        void Check(string field, string? want, string have)
        {
            if (want is { Length: > 0 } && want != have)
            {
                throw StatusErrors.Conflict("", "pods", call.Info.Name, $"Precondition failed: {field} in precondition: {want}, {field} in object meta: {have}");
            }
        }
    }

    private JsonObject Taken(JsonObject budget, string pod)
    {
        var status = budget["status"] as JsonObject ?? [];
        var name = budget.Meta().TextAt("name");
        if ((status.NumberAt("observedGeneration") ?? 0) < (budget.Meta().NumberAt("generation") ?? 0))
        {
            throw BeingProcessed(name);
        }

        if (status.NumberAt("disruptionsAllowed") is not { } allowed || allowed == 0)
        {
            throw Refused($"The disruption budget {name} needs {status.NumberAt("desiredHealthy") ?? 0} healthy pods and has {status.NumberAt("currentHealthy") ?? 0} currently", 0);
        }

        if (status["disruptedPods"] is not JsonObject pods)
        {
            status["disruptedPods"] = pods = [];
        }

        if (allowed < 0 || pods.Count > MaxDisruptedPods)
        {
            throw StatusErrors.Forbidden("policy", "poddisruptionbudget", name, allowed < 0 ? "pdb disruptions allowed is negative" : "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        status["disruptionsAllowed"] = allowed - 1;
        pods[pod] = Now;
        if (allowed == 1)
        {
            SetCondition(status, new() { ["type"] = "DisruptionAllowed", ["status"] = "False", ["observedGeneration"] = status["observedGeneration"]?.DeepClone(), ["reason"] = "InsufficientPods", ["message"] = "" });
        }

        budget.Meta().Remove("resourceVersion");
        return budget;
    }

    private string Now => server.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>In the place of the one of its type; the time stays when the status does.</summary>
    private void SetCondition(JsonObject status, JsonObject condition)
    {
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var known = conditions.OfType<JsonObject>().FirstOrDefault(c => c.TextAt("type") == condition.TextAt("type"));
        condition["lastTransitionTime"] = known.TextAt("status") == condition.TextAt("status") ? known!["lastTransitionTime"]?.DeepClone() : Now;
        if (known is not null)
        {
            conditions.Remove(known);
        }

        conditions.Add((JsonNode)condition);
    }

    private static StatusException BeingProcessed(string budget) => Refused($"The disruption budget {budget} is still being processed by the server.", 10);

    private static StatusException Refused(string message, int retryAfterSeconds)
    {
        var error = StatusErrors.TooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfterSeconds);
        var details = error.Status.Details! with { Causes = [new StatusCause { Type = "DisruptionBudget", Message = message }] };
        return new(error.Status with { Details = details });
    }
}
