namespace Kobune.Storage;

/// <summary>Compares and operations over several keys; a key appears at most once among the operations.</summary>
public sealed record Transaction(IReadOnlyList<Compare> Compares, IReadOnlyList<Operation> Operations, Durability Durability = Durability.Synced);
