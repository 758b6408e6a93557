using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Kobune.Api.Schema;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Http;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kobune.ApiServer.Tests.Http;

/// <summary>A watch whose client goes while the next event is awaited.</summary>
public class WatchWriterTests
{
    [Fact]
    public async Task A_flush_that_fails_ends_the_wait_for_the_next_event()
    {
        var output = new GoneClient(flushes: 1);
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(output);
        var ended = new TaskCompletionSource();
        var writer = new WatchWriter(new(ApiSchema.BuiltIn), null!, new WatchResult(null!, Silence(ended), e => e), AnswerForm.Json, "", ApiSchema.BuiltIn, TimeProvider.System);

        var failure = await Record.ExceptionAsync(() => writer.WriteAsync(context.Response, TestContext.Current.CancellationToken));

        Assert.IsType<IOException>(failure);
        Assert.True(ended.Task.IsCompleted);
    }

    private static async IAsyncEnumerable<WatchEvent> Silence(TaskCompletionSource ended, [EnumeratorCancellation] CancellationToken ct = default)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, ct);
            yield break;
        }
        finally
        {
            ended.SetResult();
        }
    }

    /// <summary>A body whose client goes after some flushes.</summary>
    private sealed class GoneClient(int flushes) : PipeWriter, IHttpResponseBodyFeature
    {
        private readonly byte[] _buffer = new byte[4096];
        private int _left = flushes;

        public Stream Stream => Stream.Null;

        public PipeWriter Writer => this;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            _left-- > 0 ? new(new FlushResult()) : throw new IOException("the client has gone");

        public override void Advance(int bytes)
        {
        }

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

        public override Span<byte> GetSpan(int sizeHint = 0) => _buffer;

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;
    }
}
