namespace Kobune.Cel.Values;

/// <summary>A value with named fields. What has the fields of a schema, or of a library's type, derives from it.</summary>
public abstract class CelObject : CelValue
{
    /// <summary>A field by the name that expressions use, or null when it is not set.</summary>
    public abstract CelValue? Field(string name);
}
