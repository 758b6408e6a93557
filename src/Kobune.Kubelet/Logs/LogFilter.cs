using System.Buffers;

namespace Kobune.Kubelet.Logs;

/// <summary>
/// Turns bytes of a CRI log, cut anywhere, into what the caller asked for: since, stream, timestamps, byte limit. A line that is not complete yet
/// waits for its rest.
/// </summary>
internal sealed class LogFilter(LogOptions options)
{
    private readonly ArrayBufferWriter<byte> _pending = new();
    private long? _left = options.LimitBytes;
    private bool _inPartial;

    /// <summary>The byte limit is reached.</summary>
    internal bool IsFull => _left is <= 0;

    /// <summary>Adds bytes of the file and appends what is to be sent.</summary>
    internal void Add(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        while (!bytes.IsEmpty && !IsFull)
        {
            var newline = bytes.IndexOf((byte)'\n');
            if (newline < 0)
            {
                _pending.Write(bytes);
                return;
            }

            if (_pending.WrittenCount > 0)
            {
                _pending.Write(bytes[..newline]);
                Line(_pending.WrittenSpan, output);
                _pending.ResetWrittenCount();
            }
            else
            {
                Line(bytes[..newline], output);
            }

            bytes = bytes[(newline + 1)..];
        }
    }

    /// <summary>The file has ended for good: a last line without its end counts.</summary>
    internal void Complete(IBufferWriter<byte> output)
    {
        if (_pending.WrittenCount > 0 && !IsFull)
        {
            Line(_pending.WrittenSpan, output);
        }

        _pending.ResetWrittenCount();
    }

    private void Line(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
    {
        if (!CriLogLine.TryParse(line, out var parsed)
            || (options.Stream is { } stream && parsed.IsError != (stream == "Stderr"))
            || (options.Since is { } since && parsed.Time < since))
        {
            return;
        }

        if (options.Timestamps && !_inPartial)
        {
            Write(parsed.Timestamp, output);
            Write(" "u8, output);
        }

        Write(parsed.Text, output);
        _inPartial = parsed.IsPartial;
        if (!parsed.IsPartial)
        {
            Write("\n"u8, output);
        }
    }

    private void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        if (_left is { } left)
        {
            bytes = bytes.Length > left ? bytes[..(int)left] : bytes;
            _left = left - bytes.Length;
        }

        output.Write(bytes);
    }
}
