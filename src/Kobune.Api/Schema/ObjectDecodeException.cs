namespace Kobune.Api.Schema;

/// <summary>A body that is not JSON or protobuf, or not of the type asked for. The message is what upstream's decoder says,
/// "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"; a server answers BadRequest with it.</summary>
public sealed class ObjectDecodeException(string message) : Exception(message);
