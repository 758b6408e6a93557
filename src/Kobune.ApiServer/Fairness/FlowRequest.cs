using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Fairness;

/// <summary>One request at a priority level: it waits, is served, and gives its seats back.</summary>
internal sealed class FlowRequest(PriorityLevel level, FlowSchemaState schema, string distinguisher, WorkEstimate estimate, ApiCall call)
{
    private static readonly double ServiceSeconds = PriorityLevel.EstimatedService.TotalSeconds;

    private TaskCompletionSource? _decision;

    public PriorityLevel Level => level;

    public FlowSchemaState Schema => schema;

    public string Distinguisher => distinguisher;

    public ApiCall Call => call;

    /// <summary>What it costs; the level may lay its end flatter.</summary>
    public WorkEstimate Estimate { get; set; } = estimate;

    /// <summary>In seat-seconds.</summary>
    public double Work { get; } = (estimate.InitialSeats * ServiceSeconds) + (estimate.FinalSeats * estimate.AdditionalLatency.TotalSeconds);

    /// <summary>When it came.</summary>
    public DateTimeOffset ArrivedAt { get; init; }

    /// <summary>The reading of the level's progress when it came.</summary>
    public double Arrival { get; init; }

    /// <summary>Its queue; null where the level has none.</summary>
    public FlowQueue? Queue { get; init; }

    /// <summary>Its place in the queue while it waits.</summary>
    public LinkedListNode<FlowRequest>? Place { get; set; }

    /// <summary>When it began to be served; 0 before.</summary>
    public long Started { get; set; }

    /// <summary>Whether it had to wait.</summary>
    public bool HasToWait => _decision is not null;

    /// <summary>Ends when one that had to wait may be served.</summary>
    public Task Admitted => _decision?.Task ?? Task.CompletedTask;

    /// <summary>It has to wait.</summary>
    public void BeginWait() => _decision = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It may be served.</summary>
    public void Admit() => _decision?.TrySetResult();
}
