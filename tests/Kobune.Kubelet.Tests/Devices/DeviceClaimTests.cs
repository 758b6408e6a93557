using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Kubelet.Devices;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Kubelet.Tests.Devices;

/// <summary>What keeps a pod from the devices of a claim.</summary>
public class DeviceClaimTests
{
    [Theory]
    [InlineData(true, true, true, "d.test", true, "DRA driver d.test is not registered")]
    [InlineData(true, true, true, "", true, null)]
    [InlineData(true, true, false, "", true, "ResourceClaim c: not allocated")]
    [InlineData(true, false, true, "d.test", true, "pod p (u) is not allowed to use ResourceClaim c (v)")]
    [InlineData(false, true, true, "d.test", true, "ResourceClaim default/c was not created for Pod default/p (Pod is not owner)")]
    [InlineData(false, true, true, "", false, null)]
    public void A_claim_has_to_be_the_pods_and_its_drivers_have_to_be_there(bool isOwned, bool isReserved, bool isAllocated, string driver, bool isGenerated, string? complaint)
    {
        var pod = new Pod { Metadata = new() { Namespace = "default", Name = "p", Uid = "u" } };
        var claim = new ResourceClaim
        {
            Metadata = new() { Namespace = "default", Name = "c", Uid = "v", OwnerReferences = isOwned ? [new() { APIVersion = "v1", Kind = "Pod", Name = "p", Uid = "u", Controller = true }] : [] },
            Status = new()
            {
                ReservedFor = isReserved ? [new() { Resource = "pods", Name = "p", Uid = "u" }] : [],
                Allocation = isAllocated ? new() { Devices = new() { Results = driver.Length > 0 ? [new() { Request = "r", Driver = driver, Pool = "n", Device = "x" }] : [] } } : null,
            },
        };
        Assert.Equal(complaint, ApiDeviceClaims.Complaint(pod, new("c", isGenerated, null), claim));
    }
}
