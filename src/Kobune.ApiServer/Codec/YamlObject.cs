using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Codec;

/// <summary>Reads a file of settings as the server reads what is sent to it: YAML with go-yaml's meaning, or JSON, which is YAML too.</summary>
public static class YamlObject
{
    /// <exception cref="FormatException">Not YAML, or no object.</exception>
    public static JsonObject Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return JsonNode.Parse(YamlToJson.Convert(Encoding.UTF8.GetBytes(text), null)) as JsonObject ?? throw new FormatException("the file does not hold an object");
        }
        catch (ObjectDecodeException e)
        {
            throw new FormatException(e.Message, e);
        }
    }
}
