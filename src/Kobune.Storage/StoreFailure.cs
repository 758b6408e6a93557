namespace Kobune.Storage;

/// <summary>Why a store failed.</summary>
public enum StoreFailure
{
    /// <summary>Another process has the store open.</summary>
    InUse,

    /// <summary>The disk is full; nothing was written and the store works on when there is room again.</summary>
    DiskFull,

    /// <summary>The disk or the file cannot be written.</summary>
    ReadOnly,

    /// <summary>The file is damaged.</summary>
    Corrupt,

    /// <summary>The file was written by another program or by a newer version of this one.</summary>
    UnknownFormat,

    /// <summary>The SQLite library is missing, too old, or of a version with defects that damage files.</summary>
    UnsupportedLibrary,

    /// <summary>Reading or writing failed; after a failed write the store refuses work until it is opened again.</summary>
    InputOutput,
}
