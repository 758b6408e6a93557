using System.Net.Sockets;
using System.Security.Authentication;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Streaming;

namespace Kobune.ApiServer.Tests.Outbound;

public sealed class DialFailureTests
{
    private sealed record Case(string Name, Exception Failure, string Words, bool Is = true);

    private static readonly Case[] Cases =
    [
        new("refused", Failed(new SocketException((int)SocketError.ConnectionRefused)), "dial tcp 10.0.0.7:10250: connect: connection refused"),
        new("no route", Failed(new SocketException((int)SocketError.HostUnreachable)), "dial tcp 10.0.0.7:10250: connect: no route to host"),
        new("the system's time-out", Failed(new SocketException((int)SocketError.TimedOut)), "dial tcp 10.0.0.7:10250: i/o timeout"),
        new("our time-out", new TaskCanceledException("The operation was canceled.", new TimeoutException("too late")), "dial tcp 10.0.0.7:10250: i/o timeout"),
        new("no such name", Failed(new SocketException((int)SocketError.HostNotFound)), "dial tcp: lookup 10.0.0.7: no such host"),
        new("a certificate", Failed(new AuthenticationException("x509: unknown")), "x509: unknown"),
        new("an early end", new HttpIOException(HttpRequestError.ResponseEnded, "ended"), "EOF", Is: false),
        new("without a reason", new HttpRequestException("nodes \"a\" not found"), "nodes \"a\" not found"),
        new("a caller that gave up", new TaskCanceledException("The operation was canceled."), "The operation was canceled.", Is: false),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Failures_have_Gos_words(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        Assert.Equal((c.Is, c.Words), (DialFailure.Is(c.Failure), DialFailure.Words(c.Failure, new Uri("https://10.0.0.7:10250/exec"))));
    }

    [Fact]
    public async Task A_kubelet_that_does_not_answer_in_time_is_told_as_one_that_cannot_be_dialled()
    {
        using var silent = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromMilliseconds(1),
            ConnectCallback = async (_, ct) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
                throw new InvalidOperationException("the delay ended by itself");
            },
        });
        var opening = KubeletUpgrade.OpenAsync(silent, new Uri("http://192.0.2.1:10250/exec/default/a/c"), ["v4.channel.k8s.io"], TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<StatusException>(() => opening.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal((500, "", "error dialing backend: dial tcp 192.0.2.1:10250: i/o timeout"), (failure.Code, failure.Status.Reason, failure.Status.Message));
    }

    private static HttpRequestException Failed(Exception inner) => new("failed", inner);
}
