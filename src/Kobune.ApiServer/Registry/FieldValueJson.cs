using System.Text.Json.Serialization;

namespace Kobune.ApiServer.Registry;

[JsonSerializable(typeof(string))]
internal sealed partial class FieldValueJson : JsonSerializerContext;
