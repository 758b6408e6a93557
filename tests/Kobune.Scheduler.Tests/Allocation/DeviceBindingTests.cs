using Kobune.Api.Resource.V1;
using Kobune.Scheduler.Devices;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Tests.Allocation;

/// <summary>When devices are ready for their pod, and when they are lost.</summary>
public class DeviceBindingTests
{
    private const string Failed = "claim c binding failed: reason=Why, message=\"so\"";

    /// <summary>Devices "binding conditions|conditions of failure|conditions that are true" ("-" for a device without status), and seconds since they were given.</summary>
    [Theory]
    [InlineData("||-", 0, true, null, false)]
    [InlineData("A||-", 0, false, null, false)]
    [InlineData("A||", 0, false, null, false)]
    [InlineData("A||A", 0, true, null, false)]
    [InlineData("A,B||A", 0, false, null, false)]
    [InlineData("A,B||A,B,C", 0, true, null, false)]
    [InlineData("A|F|F", 0, false, Failed, true)]
    [InlineData("A|F|A,F", 0, false, Failed, true)]
    [InlineData("|F|F", 0, true, null, false)] // nobody waits for it
    [InlineData("A||A;A||", 0, false, null, false)]
    [InlineData("A||A;A|F|F", 0, false, Failed, true)]
    [InlineData("A||-", 11, false, null, true)]
    [InlineData("A||A", 11, true, null, false)]
    [InlineData("||-", 11, true, null, false)]
    public void Conditions_decide(string devices, int age, bool isReady, string? problem, bool isLost)
    {
        var all = devices.Split(';').Select((text, i) => (Name: $"d{i}", Parts: text.Split('|'))).ToList();
        var claim = new ResourceClaim
        {
            Metadata = new() { Name = "c" },
            Status = new()
            {
                Allocation = new()
                {
                    AllocationTimestamp = DateTimeOffset.UnixEpoch,
                    Devices = new() { Results = [.. all.Select(d => new DeviceRequestAllocationResult { Device = d.Name, BindingConditions = Split(d.Parts[0]), BindingFailureConditions = Split(d.Parts[1]) })] },
                },
                Devices =
                [
                    .. all.Where(d => d.Parts[2] != "-").Select(d => new AllocatedDeviceStatus
                    {
                        Device = d.Name,
                        Conditions = [new() { Type = "No", Status = "False" }, .. Split(d.Parts[2]).Select(c => new Api.Meta.V1.Condition { Type = c, Status = "True", Reason = "Why", Message = "so" })],
                    }),
                ],
            },
        };
        Assert.Equal((isReady, problem), (DeviceBinding.IsReady(claim, out var said), said));
        Assert.Equal(isLost, DeviceBinding.IsLost(claim, TimeSpan.FromSeconds(10), DateTimeOffset.UnixEpoch.AddSeconds(age)));
        Assert.Equal(all.Any(d => d.Parts[0].Length > 0), DeviceBinding.HasConditions(claim));
    }

    [Fact]
    public void A_claim_that_has_nothing_is_not_ready_and_not_lost()
    {
        Assert.False(DeviceBinding.IsReady(new(), out _));
        Assert.False(DeviceBinding.IsLost(new(), TimeSpan.Zero, DateTimeOffset.MaxValue));
    }

    private static string[] Split(string names) => names.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
