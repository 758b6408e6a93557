using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Kobune.ApiServer.Fairness;

/// <summary>Deals each flow its own hand of queues, so that one flow that floods shares all of its queues with hardly any other. Source: k8s.io/apiserver, util/shufflesharding.</summary>
internal static class ShuffleSharding
{
    /// <summary>The largest hand.</summary>
    public const int MaxHandSize = 15;

    /// <summary>The bits of a flow's hash that a deal may use up.</summary>
    public const int MaxHashBits = 60;

    private const int StackBytes = 256;

    /// <summary>The number that stands for a flow: a schema and what tells its flows apart.</summary>
    public static ulong Hash(string schema, string distinguisher)
    {
        var size = Encoding.UTF8.GetMaxByteCount(schema.Length + distinguisher.Length) + 1;
        var text = size <= StackBytes ? stackalloc byte[StackBytes] : new byte[size];
        var length = Encoding.UTF8.GetBytes(schema, text);
        text[length++] = 0;
        length += Encoding.UTF8.GetBytes(distinguisher, text[length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    /// <summary>Fills a hand with different cards of a deck, always the same for a hash.</summary>
    public static void Deal(ulong hash, int deck, Span<int> hand)
    {
        for (var i = 0; i < hand.Length; i++)
        {
            var left = (ulong)(deck - i);
            hand[i] = (int)(hash % left);
            hash /= left;
        }

        // A remainder names a card among those that are left: shift it past the cards that were dealt before.
        Span<int> remainders = stackalloc int[MaxHandSize];
        hand.CopyTo(remainders);
        for (var i = 0; i < hand.Length; i++)
        {
            var card = remainders[i];
            for (var j = i; j > 0; j--)
            {
                if (card >= remainders[j - 1])
                {
                    card++;
                }
            }

            hand[i] = card;
        }
    }

    /// <summary>How many bits of a hash a deal needs.</summary>
    public static int RequiredEntropyBits(int deck, int hand) => (int)Math.Ceiling(Math.Log2(deck) * hand);
}
