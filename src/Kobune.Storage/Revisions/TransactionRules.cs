namespace Kobune.Storage.Revisions;

/// <summary>What a transaction must look like, and when its compares hold.</summary>
internal static class TransactionRules
{
    private const int PairwiseLimit = 8;

    /// <exception cref="ArgumentException">A key is changed twice, or there are too many changes for one revision.</exception>
    public static void Require(Transaction transaction)
    {
        var operations = transaction.Operations;
        if (operations.Count > VersionId.MaxChanges)
        {
            throw new ArgumentException($"a transaction changes at most {VersionId.MaxChanges} keys, this one {operations.Count}", nameof(transaction));
        }

        if (Duplicate(operations) is { } key)
        {
            throw new ArgumentException($"a transaction changes the key {key} twice", nameof(transaction));
        }
    }

    public static bool Holds(Compare compare, KeyVersion? current) => compare.ModRevision == (current?.Revision ?? 0);

    private static string? Duplicate(IReadOnlyList<Operation> operations)
    {
        if (operations.Count > PairwiseLimit)
        {
            var seen = new HashSet<string>(operations.Count, StringComparer.Ordinal);
            return operations.Select(operation => operation.Key).FirstOrDefault(key => !seen.Add(key));
        }

        for (var i = 1; i < operations.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (operations[i].Key == operations[j].Key)
                {
                    return operations[i].Key;
                }
            }
        }

        return null;
    }
}
