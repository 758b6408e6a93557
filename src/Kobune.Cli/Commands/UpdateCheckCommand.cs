using System.CommandLine;
using System.Text.Json;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune update-check: this version and the newest one of the release list that KOBUNE_RELEASES_URL names (a JSON array of {"name": "v1.2.3"}, newest first).</summary>
internal static class UpdateCheckCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static Command Create(CommandContext context)
    {
        var command = new Command("update-check", context.Texts.Text(Message.UpdateCheckSummary));
        command.SetAction(async (_, ct) =>
        {
            await context.Out.WriteLineAsync($"CurrentVersion: {Versions.Program}".AsMemory(), ct);
            await context.Out.WriteLineAsync($"LatestVersion: {await LatestAsync(context, ct)}".AsMemory(), ct);
            return 0;
        });
        return command;
    }

    private static async Task<string> LatestAsync(CommandContext context, CancellationToken ct)
    {
        var address = context.Variable("KOBUNE_RELEASES_URL") ?? throw new CliException(Reason.VersionUnavailable, Message.NoReleaseList);
        try
        {
            using var client = new HttpClient { Timeout = Limit };
            using var document = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri(address), ct));
            return document.RootElement[0].GetProperty("name").GetString()!;
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            throw new CliException(Reason.VersionUnavailable, Message.ReleaseListFails, address, e.Message);
        }
    }
}
