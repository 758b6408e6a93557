namespace Kobune.ApiServer.Requests;

/// <summary>How unknown and duplicate fields of a body are met.</summary>
public enum FieldValidation
{
    /// <summary>Dropped without a word.</summary>
    Ignore,

    /// <summary>Dropped with a warning.</summary>
    Warn,

    /// <summary>Refused.</summary>
    Strict,
}
