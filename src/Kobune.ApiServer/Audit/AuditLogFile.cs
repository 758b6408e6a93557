using System.Globalization;
using System.IO.Compression;

namespace Kobune.ApiServer.Audit;

/// <summary>The audit log: a line an event, appended; rotated by size, and old files deleted by age and number (names and rules of upstream's lumberjack).</summary>
internal sealed class AuditLogFile(AuditLogOptions options, TimeProvider time) : IAuditBackend
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH-mm-ss.fff";
    private const int DefaultMegabytes = 100;

    private readonly Lock _gate = new();
    private readonly long _mostBytes = (options.MaxSize == 0 ? DefaultMegabytes : options.MaxSize) * 1024L * 1024;
    private Stream? _stream;
    private long _size;

    public string Name => "log";

    public bool IsLegacy => options.IsLegacy;

    public ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken ct)
    {
        lock (_gate)
        {
            var stream = _stream ??= Open();
            foreach (var item in events)
            {
                if (options.Path != "-" && _size > 0 && _size + item.Length + 1 > _mostBytes)
                {
                    stream = Rotate();
                }

                stream.Write(item.Span);
                stream.WriteByte((byte)'\n');
                _size += item.Length + 1;
            }

            stream.Flush();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (options.Path != "-")
            {
                _stream?.Dispose();
            }

            _stream = null;
        }

        return ValueTask.CompletedTask;
    }

    private Stream Open()
    {
        if (options.Path == "-")
        {
            return Console.OpenStandardOutput();
        }

        if (Path.GetDirectoryName(options.Path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var how = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 16 * 1024 };
        if (!OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var stream = new FileStream(options.Path, how);
        _size = stream.Length;
        return stream;
    }

    private Stream Rotate()
    {
        _stream!.Dispose();
        var (folder, stem, extension) = (Path.GetDirectoryName(options.Path)!, Path.GetFileNameWithoutExtension(options.Path), Path.GetExtension(options.Path));
        var backup = Path.Combine(folder, $"{stem}-{time.GetUtcNow().UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}{extension}");
        File.Move(options.Path, backup, overwrite: true);
        if (options.Compress)
        {
            using (var source = File.OpenRead(backup))
            using (var target = new GZipStream(File.Create(backup + ".gz"), CompressionLevel.Fastest))
            {
                source.CopyTo(target);
            }

            File.Delete(backup);
        }

        Clean(folder, stem, extension);
        return _stream = Open();
    }

    private void Clean(string folder, string stem, string extension)
    {
        var now = time.GetUtcNow();
        var backups = Directory.EnumerateFiles(folder, $"{stem}-*{extension}*").Select(f => (File: f, At: TimeOf(Path.GetFileName(f), stem, extension))).Where(b => b.At is not null).OrderByDescending(b => b.At).ToArray();
        for (var i = 0; i < backups.Length; i++)
        {
            if ((options.MaxBackups > 0 && i >= options.MaxBackups) || (options.MaxAge > 0 && now - backups[i].At > TimeSpan.FromDays(options.MaxAge)))
            {
                File.Delete(backups[i].File);
            }
        }
    }

    private static DateTimeOffset? TimeOf(string file, string stem, string extension)
    {
        var name = file.EndsWith(".gz", StringComparison.Ordinal) ? file[..^3] : file;
        return name.Length > stem.Length + 1 + extension.Length && name.EndsWith(extension, StringComparison.Ordinal)
            && DateTimeOffset.TryParseExact(name[(stem.Length + 1)..^extension.Length], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
    }
}
