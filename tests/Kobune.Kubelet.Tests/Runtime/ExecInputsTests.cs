using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Kobune.Grpc;
using Kobune.Kubelet.Containerd;
using Kobune.Kubelet.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Kubelet.Tests.Runtime;

/// <summary>Execs whose process ended with input left unread.</summary>
public sealed class ExecInputsTests
{
    private readonly ManualTime _time = new();
    private readonly List<string> _forgotten = [];

    private ExecInputs Inputs(Exception? failure = null) => new(
        (container, exec, _) =>
        {
            _forgotten.Add($"{container}/{exec}");
            return failure is null ? Task.CompletedTask : Task.FromException(failure);
        },
        _time,
        NullLogger.Instance);

    [Fact]
    public async Task An_exec_that_still_stands_after_its_process_is_let_go_of()
    {
        var inputs = Inputs();
        using var open = inputs.Open("c");
        var end = inputs.OnExecExit("c", "e", CancellationToken.None);
        Assert.Empty(_forgotten);
        _time.Advance(ExecInputs.Patience);
        await end;
        Assert.Equal(["c/e"], _forgotten);
    }

    [Fact]
    public async Task One_that_ended_by_itself_is_left_alone()
    {
        var inputs = Inputs();
        var open = inputs.Open("c");
        var end = inputs.OnExecExit("c", "e", CancellationToken.None);
        open.Dispose();
        open.Dispose(); // twice is once
        _time.Advance(ExecInputs.Patience);
        await end;
        Assert.Empty(_forgotten);
    }

    [Fact]
    public async Task Two_in_one_container_are_counted()
    {
        var inputs = Inputs();
        var first = inputs.Open("c");
        using var second = inputs.Open("c");
        first.Dispose();
        var end = inputs.OnExecExit("c", "e", CancellationToken.None);
        _time.Advance(ExecInputs.Patience);
        await end;
        Assert.Equal(["c/e"], _forgotten);
    }

    [Fact]
    public void Probes_of_a_container_without_input_cost_nothing()
    {
        var inputs = Inputs();
        using var other = inputs.Open("other");
        Assert.True(inputs.OnExecExit("c", "probe", CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task A_refusal_ends_nothing()
    {
        var inputs = Inputs(new RpcException(StatusCode.Unavailable, "gone"));
        using var open = inputs.Open("c");
        var end = inputs.OnExecExit("c", "e", CancellationToken.None);
        _time.Advance(ExecInputs.Patience);
        await end;
        Assert.Single(_forgotten);
    }

    [Theory]
    [InlineData("c", "c", "c", null)]
    [InlineData("c", "", "c", null)]
    [InlineData("c", "e", "c", "e")]
    public void Events_tell_whose_end_it_is(string container, string id, string expected, string? exec)
    {
        var envelope = new Envelope { Event = new Any { Value = new TaskExit { ContainerId = container, Id = id }.ToByteString() } };
        Assert.Equal((expected, exec), ContainerdEvents.EndOf(envelope));
    }
}
