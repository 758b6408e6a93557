namespace Kobune.Client.Informers;

/// <summary>Who receives the state of a <see cref="Reflector{T}"/>, called from one loop.</summary>
public interface IReflectorSink<in T>
{
    /// <summary>The whole set at a revision; what is not in it is gone.</summary>
    void Replace(IReadOnlyList<T> items, ulong revision);

    /// <summary>The object is there in this revision.</summary>
    void Set(T item);

    /// <summary>The object is gone; this was its last state.</summary>
    void Delete(T item);

    /// <summary>Everything up to this revision was delivered.</summary>
    void Progress(ulong revision);

    /// <summary>The server could not be followed for the moment.</summary>
    void Failed(string error);
}
