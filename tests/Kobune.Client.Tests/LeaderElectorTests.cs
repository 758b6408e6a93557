using System.Text.Json;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client.LeaderElection;
using Kobune.Client.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Client.Tests;

public sealed class LeaderElectorTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly LeaseServer _server = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task The_first_candidate_leads_and_gives_the_lease_back()
    {
        var a = Elector("a", out var leads);
        var running = Task.Run(() => a.RunAsync(Lead(leads), _stop.Token));
        await leads.Task.Happens("a leads");
        Assert.Equal("a", _server.Lease!.Spec.HolderIdentity);
        Assert.Equal(15, _server.Lease.Spec.LeaseDurationSeconds);
        await _stop.CancelAsync();
        await running.Happens("a has ended");
        Assert.Equal("", _server.Lease.Spec.HolderIdentity);
    }

    [Fact]
    public async Task A_leader_renews_every_two_seconds()
    {
        var a = Elector("a", out var leads);
        var running = Task.Run(() => a.RunAsync(Lead(leads), _stop.Token));
        await leads.Task.Happens("a leads");
        var end = _time.GetUtcNow().AddSeconds(30);
        await StepUntil(() => _server.Lease!.Spec.RenewTime >= end);
        Assert.True(a.IsLeader);
        Assert.Equal(0, _server.Lease!.Spec.LeaseTransitions);
        await _stop.CancelAsync();
        await running.Happens("a has ended");
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_for_ten_seconds_stops_and_another_takes_over()
    {
        var a = Elector("a", out var leads);
        var running = Task.Run(() => a.RunAsync(Lead(leads), _stop.Token));
        await leads.Task.Happens("a leads");
        _server.Broken = true;
        var broken = _time.GetUtcNow();
        await StepUntil(() => running.IsCompleted);
        Assert.InRange(_time.GetUtcNow() - broken, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
        await Assert.ThrowsAsync<LeadershipLostException>(() => running.Happens("a has stopped"));
        _server.Broken = false;
        var b = Elector("b", out var follows);
        var second = Task.Run(() => b.RunAsync(Lead(follows), _stop.Token));
        await Eventually.Holds(() => _time.PendingTimers > 0, "b waits for the lease to run out");
        Assert.False(follows.Task.IsCompleted);
        await StepUntil(() => follows.Task.IsCompleted);
        await follows.Task.Happens("b leads");
        Assert.Equal(1, _server.Lease!.Spec.LeaseTransitions);
        await _stop.CancelAsync();
        await second.Happens("b has ended");
    }

    /// <summary>Moves time second by second, each only when somebody waits for it.</summary>
    private async Task StepUntil(Func<bool> done)
    {
        for (var i = 0; i < 100 && !done(); i++)
        {
            await Eventually.Holds(() => _time.PendingTimers > 0 || done(), "somebody waits for the clock");
            if (!done())
            {
                await _time.AdvanceAsync(TimeSpan.FromSeconds(1));
            }
        }

        Assert.True(done(), "it did not come about within 100 s of the test's time");
    }

    private static Func<CancellationToken, Task> Lead(TaskCompletionSource started) => async ct =>
    {
        started.SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
    };

    private LeaderElector Elector(string identity, out TaskCompletionSource leads)
    {
        leads = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(new KubernetesClient(_server.Transport, _time), new LeaderElectionOptions { Name = "kube-test", Identity = identity }, _time, NullLogger.Instance);
    }

    /// <summary>One Lease with optimistic concurrency.</summary>
    private sealed class LeaseServer
    {
        private int _revision;

        public LeaseServer()
        {
            Transport = new FakeTransport { Answer = Answer };
        }

        public FakeTransport Transport { get; }

        public Lease? Lease { get; private set; }

        public bool Broken { get; set; }

        private ApiResponse Answer(ApiRequest request)
        {
            if (Broken)
            {
                return FakeTransport.Refusal(500, StatusReason.InternalError);
            }

            if (request.Method == "GET")
            {
                return Lease is null ? FakeTransport.Refusal(404, StatusReason.NotFound) : new(200, FakeTransport.Encode(Lease));
            }

            var reader = new Utf8JsonReader(request.Body.Span);
            reader.Read();
            var sent = Api.Coordination.V1.Lease.ReadJson(ref reader);
            if (request.Method == "PUT" && sent.Metadata.ResourceVersion != Lease?.Metadata.ResourceVersion)
            {
                return FakeTransport.Refusal(409, StatusReason.Conflict);
            }

            Lease = sent.WithMetadata(sent.Metadata with { ResourceVersion = (++_revision).ToString() });
            return new(200, FakeTransport.Encode(Lease));
        }
    }
}
