namespace Kobune.Api.Schema;

/// <summary>What JSON a value is, and how protobuf carries it.</summary>
public enum SchemaShape
{
    /// <summary>Any JSON value.</summary>
    Any,

    /// <summary>A string.</summary>
    String,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A whole number of 32 bits.</summary>
    Int32,

    /// <summary>A whole number of 64 bits.</summary>
    Int64,

    /// <summary>A number.</summary>
    Double,

    /// <summary>Bytes, base64 in JSON.</summary>
    Bytes,

    /// <summary>RFC 3339 text in whole seconds.</summary>
    Time,

    /// <summary>RFC 3339 text with six digits of a second.</summary>
    MicroTime,

    /// <summary>Go's duration text, "1h2m3s".</summary>
    Duration,

    /// <summary>A quantity's text; a number is accepted.</summary>
    Quantity,

    /// <summary>A string or a 32-bit number.</summary>
    IntOrString,

    /// <summary>Raw JSON inside of a message of its own (RawExtension, FieldsV1, JSON).</summary>
    Raw,

    /// <summary>An object with known fields.</summary>
    Object,

    /// <summary>A JSON array.</summary>
    List,

    /// <summary>A JSON object with free keys.</summary>
    Map,

    /// <summary>JSON shows one of several fields without a name; protobuf all of them (JSONSchemaPropsOrBool and its like).</summary>
    Union,
}

/// <summary>How a list or object is merged and owned.</summary>
public enum MergeSemantics
{
    /// <summary>Lists: as a whole. Maps and objects: by key.</summary>
    Default,

    /// <summary>As a whole.</summary>
    Atomic,

    /// <summary>A list of distinct scalars.</summary>
    Set,

    /// <summary>A list of objects that are told apart by keys.</summary>
    Map,

    /// <summary>By key.</summary>
    Granular,
}
