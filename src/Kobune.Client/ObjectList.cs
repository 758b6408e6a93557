namespace Kobune.Client;

/// <summary>A list, or one page of it.</summary>
/// <param name="Items">The objects.</param>
/// <param name="ResourceVersion">Revision of the list, from which a watch can go on.</param>
/// <param name="Continue">Token of the next page; null on the last one.</param>
public sealed record ObjectList<T>(IReadOnlyList<T> Items, string ResourceVersion, string? Continue);
