using System.Text.Json.Serialization;
using Kobune.Machine.Host;
using Kobune.Machine.Mounts;

namespace Kobune.Machine.State;

/// <summary>The JSON of the files below <see cref="MachineHome"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HostChange))]
[JsonSerializable(typeof(HostProcess))]
[JsonSerializable(typeof(MachineSpec))]
[JsonSerializable(typeof(MountRecord))]
internal sealed partial class StateJson : JsonSerializerContext;
