using System.Diagnostics;

namespace Kobune.Cli.Files;

/// <summary>Joins a program that writes and one that reads.</summary>
internal static class Copier
{
    /// <summary>Null when both ended well; else what the one that failed said.</summary>
    public static async Task<string?> RunAsync(ProcessStartInfo from, ProcessStartInfo to, CancellationToken ct)
    {
        from.RedirectStandardOutput = from.RedirectStandardError = true;
        to.RedirectStandardInput = to.RedirectStandardError = true;
        using var reader = Process.Start(from)!;
        using var writer = Process.Start(to)!;
        var said = Task.WhenAll(reader.StandardError.ReadToEndAsync(ct), writer.StandardError.ReadToEndAsync(ct));
        try
        {
            await reader.StandardOutput.BaseStream.CopyToAsync(writer.StandardInput.BaseStream, ct);
        }
        catch (IOException)
        {
            // The writer ended early; what it said tells why.
        }
        finally
        {
            CloseQuietly(writer.StandardInput);
        }

        await reader.WaitForExitAsync(ct);
        await writer.WaitForExitAsync(ct);
        var words = await said;
        return writer.ExitCode != 0 ? Words(words[1], writer.ExitCode) : reader.ExitCode != 0 ? Words(words[0], reader.ExitCode) : null;
    }

    private static string Words(string text, int code) => text.Trim() is { Length: > 0 } words ? words.ReplaceLineEndings("; ") : $"exit code {code}";

    private static void CloseQuietly(StreamWriter writer)
    {
        try
        {
            writer.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }
    }
}
