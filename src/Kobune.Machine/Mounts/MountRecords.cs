using System.Text.Json;
using Kobune.Machine.Host;
using Kobune.Machine.State;

namespace Kobune.Machine.Mounts;

/// <summary>The mounts of a profile that processes hold, in profiles/NAME/.mount-process, so that others can end them.</summary>
/// <param name="home">Where profiles are.</param>
/// <param name="driver">Reaches the machines.</param>
/// <param name="time">For waiting.</param>
public sealed class MountRecords(MachineHome home, IMachineDriver driver, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>What is recorded.</summary>
    public IReadOnlyList<MountRecord> Read(string profile)
    {
        try
        {
            return [.. File.ReadLines(FileOf(profile)).Select(l => JsonSerializer.Deserialize(l, StateJson.Default.MountRecord)!)];
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return [];
        }
    }

    /// <summary>Writes one down.</summary>
    public Task AddAsync(string profile, MountRecord record, CancellationToken ct) => ChangeAsync(profile, all => [.. all, record], ct);

    /// <summary>Forgets one.</summary>
    public Task RemoveAsync(string profile, MountRecord record, CancellationToken ct) =>
        ChangeAsync(profile, all => [.. all.Where(r => r.Holder != record.Holder || r.Target != record.Target)], ct);

    /// <summary>Ends all of a profile: the processes, and what those left that died.</summary>
    public async Task<int> KillAsync(string profile, CancellationToken ct)
    {
        var records = Read(profile);
        foreach (var record in records)
        {
            if (record.Holder.IsRunning && !await record.Holder.TerminateAsync(Limit, time, ct))
            {
                await record.Holder.KillAsync(Limit, time, ct);
            }

            if (Read(profile).Any(r => r.Holder == record.Holder))
            {
                foreach (var machine in record.Machines)
                {
                    await new LiveMounts(driver).DetachAsync(machine, record.Target, ct);
                }

                await RemoveAsync(profile, record, ct);
            }
        }

        return records.Count;
    }

    private string FileOf(string profile) => Path.Combine(home.Profile(profile), ".mount-process");

    private async Task ChangeAsync(string profile, Func<IReadOnlyList<MountRecord>, IReadOnlyList<MountRecord>> change, CancellationToken ct)
    {
        if (!Directory.Exists(home.Profile(profile)))
        {
            return; // deleted meanwhile
        }

        var gate = Path.Combine(home.Profile(profile), ".mounts");
        Directory.CreateDirectory(gate);
        using var held = await FolderLock.AcquireAsync(gate, time, ct);
        var after = change(Read(profile));
        if (after.Count == 0)
        {
            File.Delete(FileOf(profile));
        }
        else
        {
            await File.WriteAllLinesAsync(FileOf(profile), after.Select(r => JsonSerializer.Serialize(r, StateJson.Default.MountRecord)), ct);
        }
    }
}
