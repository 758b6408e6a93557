using Kobune.Api.Clocks;

namespace Kobune.Api.Tests.Clocks;

public sealed class TurnTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turns_come_in_the_order_of_asking_and_pass_those_who_gave_up()
    {
        var turn = new Turn();
        using var gaveUp = new CancellationTokenSource();
        await turn.TakeAsync(Ct);
        var (second, third) = (turn.TakeAsync(gaveUp.Token), turn.TakeAsync(Ct));
        Assert.False(second.IsCompleted || third.IsCompleted);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        turn.Give();
        await third;
        var fourth = turn.TakeAsync(Ct);
        Assert.False(fourth.IsCompleted);
        turn.Give();
        await fourth;
        turn.Give();
        Assert.True(turn.TakeAsync(Ct).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Waiting_and_cancelling_stay_on_the_scheduler_that_they_were_begun_on()
    {
        var alone = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        await Task.Factory.StartNew(
            async () =>
            {
                var (turn, seen) = (new Turn(), new List<TaskScheduler>());
                await turn.TakeAsync(Ct);
                var waits = NoteAsync();
                turn.Give();
                await waits;
                using var stop = new CancellationTokenSource();
                await using var noted = stop.Token.Register(() => seen.Add(TaskScheduler.Current));
                await stop.CancelHereAsync();
                Assert.Equal([alone, alone], seen);

                async Task NoteAsync()
                {
                    await turn.TakeAsync(Ct);
                    seen.Add(TaskScheduler.Current);
                }
            },
            Ct,
            TaskCreationOptions.DenyChildAttach,
            alone).Unwrap();
    }
}
