using Kobune.Api.Core.V1;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.ControllerManager.Metrics;
using Kobune.ControllerManager.NodeLifecycle;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests;

/// <summary>What is said of a pod that was to leave its node in five minutes.</summary>
public class TaintEvictionTests
{
    private static readonly string[] Cancelled = ["v1 Pod default/p Normal TaintManagerEviction Cancelling deletion of Pod default/p"];

    private readonly ManualTime _time = new();
    private readonly SaidEvents _events = new();
    private readonly Pod[] _pods = [Pod("p", node: "n") with { Spec = new() { NodeName = "n", Tolerations = [new() { Key = "k", Operator = "Exists", Effect = TaintEffect.NoExecute, TolerationSeconds = 300 }] } }];
    private readonly Node[] _nodes = [new() { Metadata = new() { Name = "n" }, Spec = new() { Taints = [new() { Key = "k", Effect = TaintEffect.NoExecute }] } }];

    [Theory]
    [InlineData(10, true)]
    [InlineData(310, false)] // its time had come: what ended it was no change of mind
    public async Task One_that_goes_before_its_time_is_told_of(int seconds, bool isCancelled)
    {
        var reconciler = Reconciler();
        Assert.Equal(ReconcileResult.RequeueAfter(TimeSpan.FromMinutes(5)), await AskAsync(reconciler));
        _pods[0] = _pods[0].Deleting();
        Assert.Equal(ReconcileResult.Done, await AskAsync(reconciler));
        Assert.Empty(_events.All); // it may take long to end, and what is planned stands
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _pods[0] = Pod("another");
        Assert.Equal(ReconcileResult.Done, await AskAsync(reconciler));
        Assert.Equal(ReconcileResult.Done, await AskAsync(reconciler));
        Assert.Equal(isCancelled ? Cancelled : [], _events.All);
    }

    [Fact]
    public async Task One_that_may_stay_after_all_is_told_of()
    {
        var reconciler = Reconciler();
        await AskAsync(reconciler);
        _nodes[0] = _nodes[0] with { Spec = new() };
        Assert.Equal(ReconcileResult.Done, await AskAsync(reconciler));
        Assert.Equal(Cancelled, _events.All);
    }

    private static Task<ReconcileResult> AskAsync(TaintEvictionReconciler reconciler) => reconciler.ReconcileAsync(new("default", "p"), TestContext.Current.CancellationToken);

    private TaintEvictionReconciler Reconciler() => new(new ListCache<Node>(_nodes), new ListCache<Pod>(_pods), null!, _events, new UpkeepMetrics(), _time);

    private sealed class SaidEvents : IEventRecorder
    {
        public List<string> All { get; } = [];

        public void Record(ObjectReference involved, string type, string reason, string message) =>
            All.Add($"{involved.APIVersion} {involved.Kind} {involved.Namespace}/{involved.Name} {type} {reason} {message}");
    }
}
