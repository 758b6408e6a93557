using System.Buffers;
using System.Threading.Channels;

namespace Kobune.Kubelet.Logs;

/// <summary>Sends a container's log: the current file, and what comes later when followed, across rotations.</summary>
internal sealed class LogReader(string path, LogOptions options)
{
    private const int Block = 32 * 1024;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);
    private readonly LogFilter _filter = new(options);
    private readonly byte[] _buffer = new byte[Block];

    /// <param name="send">Takes bytes for the caller.</param>
    /// <param name="isRunning">Whether the container may still write.</param>
    /// <param name="onChange">Registers a call-back for changes of the container.</param>
    internal async Task RunAsync(Func<ReadOnlyMemory<byte>, Task> send, Func<Task<bool>> isRunning, Func<Action, IDisposable> onChange, CancellationToken ct)
    {
        if (!options.Follow)
        {
            await using var file = Open();
            file.Position = Start(file);
            await DrainAsync(file, send, ct);
            await CompleteAsync(send);
            return;
        }

        await FollowAsync(send, isRunning, onChange, ct);
    }

    private async Task FollowAsync(Func<ReadOnlyMemory<byte>, Task> send, Func<Task<bool>> isRunning, Func<Action, IDisposable> onChange, CancellationToken ct)
    {
        var wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = onChange(() => wake.Writer.TryWrite(true));
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!) { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.FileName, Filter = Path.GetFileName(path) };
        watcher.Changed += (_, _) => wake.Writer.TryWrite(true);
        watcher.Created += (_, _) => wake.Writer.TryWrite(true);
        watcher.Deleted += (_, _) => wake.Writer.TryWrite(true);
        watcher.Renamed += (_, _) => wake.Writer.TryWrite(true);
        watcher.Error += (_, _) => wake.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;

        var file = Open();
        try
        {
            file.Position = Start(file);
            while (!_filter.IsFull)
            {
                var running = await isRunning(); // asked before reading: what it wrote until its end is then read
                await DrainAsync(file, send, ct);
                if (OpenIfReplaced(file) is { } next)
                {
                    await DrainAsync(file, send, ct); // what came between the last look at it and the rotation
                    await file.DisposeAsync();
                    file = next;
                    continue;
                }

                if (!running)
                {
                    break;
                }

                await WaitAsync(wake.Reader, ct);
            }

            await CompleteAsync(send);
        }
        finally
        {
            await file.DisposeAsync();
        }
    }

    /// <summary>Waits for a change. The kernel may lose one (a full queue, a file that is replaced while the watch on it is set), so the file is looked at now and then.</summary>
    private static async Task WaitAsync(ChannelReader<bool> wake, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(LookAgain);
        try
        {
            await wake.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // time to look again
        }
    }

    /// <summary>Where the wanted lines begin. With since the whole file is read: only its lines know their time.</summary>
    private long Start(FileStream file) => options.TailLines is { } lines ? LogTail.Offset(file, lines) : 0;

    private async Task DrainAsync(FileStream file, Func<ReadOnlyMemory<byte>, Task> send, CancellationToken ct)
    {
        var output = new ArrayBufferWriter<byte>();
        int got;
        while (!_filter.IsFull && (got = await file.ReadAsync(_buffer, ct)) > 0)
        {
            _filter.Add(_buffer.AsSpan(0, got), output);
            if (output.WrittenCount > 0)
            {
                await send(output.WrittenMemory);
                output.ResetWrittenCount();
            }
        }
    }

    private async Task CompleteAsync(Func<ReadOnlyMemory<byte>, Task> send)
    {
        var output = new ArrayBufferWriter<byte>();
        _filter.Complete(output);
        if (output.WrittenCount > 0)
        {
            await send(output.WrittenMemory);
        }
    }

    private FileStream Open() => new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });

    /// <summary>The file that stands where this one stood, when the log was rotated; null as long as it is the same, and while there is none: it is moved away before the new one is made.</summary>
    internal FileStream? OpenIfReplaced(FileStream file)
    {
        if (Machine.FileKind.IsSame(path, $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}"))
        {
            return null;
        }

        try
        {
            return Open();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
