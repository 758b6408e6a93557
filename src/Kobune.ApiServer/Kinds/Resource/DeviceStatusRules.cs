using System.Text;
using Kobune.Api.Resource.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>What drivers tell of the devices of a claim. Source: pkg/apis/resource/validation, validateDeviceStatus.</summary>
internal static class DeviceStatusRules
{
    private const int MaxConditions = 8;
    private const int MaxData = 10 * 1024;
    private const int MaxInterface = 256;
    private const int MaxHardware = 128;
    private const int MaxIPs = 16;
    private const int UuidLength = 36;

    public static void Check(FieldErrors errors, ResourceClaimStatus status)
    {
        var allocated = status.Allocation?.Devices.Results.Select(r => (r.Driver, r.Pool, r.Device, r.ShareID)).ToHashSet() ?? [];
        DeviceRules.List(errors, "status.devices", status.Devices, int.MaxValue, (at, device) =>
        {
            DeviceRules.Driver(errors, at + ".driver", device.Driver);
            DeviceRules.Pool(errors, at + ".pool", device.Pool);
            DeviceRules.Label(errors, at + ".device", device.Device);
            ShareID(errors, at + ".shareID", device.ShareID);
            if (!allocated.Contains((device.Driver, device.Pool, device.Device, device.ShareID)))
            {
                errors.Invalid(at, $"{device.Driver}/{device.Pool}/{device.Device}", "must be an allocated device in the claim");
            }

            if (device.Conditions.Count > MaxConditions)
            {
                errors.TooMany(at + ".conditions", device.Conditions.Count, MaxConditions);
            }

            ConditionRules.Validate(device.Conditions, at + ".conditions", errors);
            if (device.Data is { ValueKind: not System.Text.Json.JsonValueKind.Undefined } data)
            {
                DeviceRules.Raw(errors, at + ".data", data, MaxData);
            }

            Network(errors, at + ".networkData", device.NetworkData);
        }, d => $"{d.Driver}/{d.Pool}/{d.Device}/{d.ShareID}");
    }

    public static void ShareID(FieldErrors errors, string path, string? uid)
    {
        if (uid is not null && Problem(uid) is { } problem)
        {
            errors.Invalid(path, uid, problem);
        }
    }

    /// <summary>The other forms of an identifier are read, but not taken.</summary>
    private static string? Problem(string uid)
    {
        var bare = uid.Length switch
        {
            UuidLength => uid,
            UuidLength + 9 when uid.StartsWith("urn:uuid:", StringComparison.OrdinalIgnoreCase) => uid[9..],
            UuidLength + 2 when uid is ['{', .., '}'] => uid[1..^1],
            UuidLength - 4 => uid,
            _ => null,
        };
        return uid.Length is not (UuidLength or UuidLength + 9 or UuidLength + 2 or UuidLength - 4) ? $"error validating uid: invalid UUID length: {uid.Length}"
            : !Guid.TryParseExact(bare, uid.Length == UuidLength - 4 ? "N" : "D", out _) ? "error validating uid: invalid UUID format"
            : uid.Length != UuidLength || uid.Any(char.IsAsciiLetterUpper) ? "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters"
            : null;
    }

    private static void Network(FieldErrors errors, string path, NetworkDeviceData? data)
    {
        if (data is null)
        {
            return;
        }

        Short(errors, path + ".interfaceName", data.InterfaceName, MaxInterface);
        Short(errors, path + ".hardwareAddress", data.HardwareAddress, MaxHardware);
        DeviceRules.List(errors, path + ".ips", data.IPs, MaxIPs, (at, address) =>
        {
            if (LooseNetwork.Parse(address) is not { } parsed)
            {
                errors.Invalid(at, address, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
            else if ($"{parsed.Address}/{parsed.Network.PrefixLength}" is var canonical && canonical != address)
            {
                errors.Invalid(at, address, $"must be in canonical form (\"{canonical}\")");
            }
        }, a => a);
    }

    private static void Short(FieldErrors errors, string path, string text, int most)
    {
        if (Encoding.UTF8.GetByteCount(text) > most)
        {
            errors.TooLong(path, most);
        }
    }
}
