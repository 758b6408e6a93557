using System.Text.Json.Serialization;

namespace Kobune.Cli.Paths.Probes;

/// <summary>How probes travel into a node and their results back.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(List<ProbeRequest>))]
[JsonSerializable(typeof(List<ProbeResult>))]
internal sealed partial class ProbeJson : JsonSerializerContext;
