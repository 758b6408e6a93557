using System.Collections.Concurrent;

namespace Kobune.ControllerManager.AttachDetach;

/// <summary>
/// Volumes that are being attached and whose attachments the cache does not show yet: nodes are looked at side by side, and two of them must not both
/// get a volume that only one may have.
/// </summary>
internal sealed class AttachmentClaims(TimeProvider time)
{
    /// <summary>A claim whose attachment is never seen, because it went before the cache listed again, ends by itself.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (string Node, DateTimeOffset Until)> _claims = new();

    /// <summary>Whether the volume is this node's to attach now.</summary>
    public bool TryTake(string volume, string node)
    {
        var now = time.GetUtcNow();
        return _claims.AddOrUpdate(volume, _ => (node, now + Longest), (_, held) => held.Node == node || held.Until < now ? (node, now + Longest) : held).Node == node;
    }

    /// <summary>The cache shows the attachment, or there is none.</summary>
    public void Release(string volume, string node)
    {
        if (_claims.TryGetValue(volume, out var held) && held.Node == node)
        {
            _claims.TryRemove(new(volume, held));
        }
    }
}
