using System.Threading.Channels;

namespace Kobune.ApiServer.Audit;

/// <summary>Batch mode: events wait in a bounded buffer and go to the backend in batches, at a bounded rate; what finds the buffer full is lost, and counted. Source: k8s.io/apiserver, plugin/audit/buffered.</summary>
internal sealed class AuditBatches : IAsyncDisposable
{
    private readonly AuditModeOptions _options;
    private readonly IAuditBackend _backend;
    private readonly TimeProvider _time;
    private readonly Action<int, Exception?> _lost;
    private readonly Channel<ReadOnlyMemory<byte>> _buffer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private double _tokens;
    private long _refilled;

    public AuditBatches(AuditModeOptions options, IAuditBackend backend, TimeProvider time, Action<int, Exception?> lost)
    {
        (_options, _backend, _time, _lost) = (options, backend, time, lost);
        _buffer = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(options.BufferSize) { SingleReader = true });
        (_tokens, _refilled) = (options.Burst, time.GetTimestamp());
        _loop = Task.Run(RunAsync);
    }

    public void Add(ReadOnlyMemory<byte> item)
    {
        if (!_buffer.Writer.TryWrite(item))
        {
            _lost(1, null);
        }
    }

    /// <summary>Sends what waits, for a moment at most, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _buffer.Writer.TryComplete();
        _stop.CancelAfter(TimeSpan.FromSeconds(2));
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<ReadOnlyMemory<byte>>(_options.BatchSize);
        while (await MoreAsync(batch))
        {
            try
            {
                await ThrottleAsync();
                await _backend.WriteAsync(batch, _stop.Token);
            }
            catch (Exception e)
            {
                _lost(batch.Count, e);
            }

            batch.Clear();
        }
    }

    /// <summary>Collects a batch: until it is full, or its first event has waited long enough.</summary>
    private async Task<bool> MoreAsync(List<ReadOnlyMemory<byte>> batch)
    {
        if (!await _buffer.Reader.WaitToReadAsync())
        {
            return false;
        }

        using var late = _options.MaxWait > TimeSpan.Zero ? new CancellationTokenSource(_options.MaxWait, _time) : null;
        long size = 0;
        while (batch.Count < _options.BatchSize)
        {
            if (_buffer.Reader.TryPeek(out var next))
            {
                if (_options.Truncates && batch.Count > 0 && size + next.Length > _options.MaxBatchSize)
                {
                    break;
                }

                _buffer.Reader.TryRead(out _);
                batch.Add(next);
                size += next.Length;
            }
            else if (late is null || !await WaitAsync(late.Token))
            {
                break;
            }
        }

        return true;
    }

    private async Task<bool> WaitAsync(CancellationToken late)
    {
        try
        {
            return await _buffer.Reader.WaitToReadAsync(late);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task ThrottleAsync()
    {
        if (!_options.Throttles)
        {
            return;
        }

        while (true)
        {
            var now = _time.GetTimestamp();
            _tokens = Math.Min(_options.Burst, _tokens + (_time.GetElapsedTime(_refilled, now).TotalSeconds * _options.Rate));
            _refilled = now;
            if (_tokens >= 1)
            {
                _tokens--;
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds((1 - _tokens) / _options.Rate), _time, _stop.Token);
        }
    }
}
