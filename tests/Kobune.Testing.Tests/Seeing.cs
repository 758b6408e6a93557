using System.Text;
using System.Text.Json;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Client;

namespace Kobune.Testing.Tests;

/// <summary>Waits for what a watch shows.</summary>
internal static class Seeing
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The first state of any object of a namespace that is as told; a time-out says how each was last seen.</summary>
    public static async Task<T> SeesAsync<T>(this TestCluster cluster, string ns, Func<T, bool> isIt, CancellationToken ct, TimeSpan? patience = null)
        where T : class, IKubernetesObject<T>
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        end.CancelAfter(patience ?? Patience);
        var last = new SortedDictionary<string, T>(StringComparer.Ordinal);
        try
        {
            await foreach (var change in cluster.Client.WatchAsync<T>(ns, null, end.Token))
            {
                if (isIt(change.Object))
                {
                    return change.Object;
                }

                last[change.Object.Metadata.Name] = change.Object;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"None of the {T.Resource.Plural} was as expected within {(patience ?? Patience).TotalSeconds} s. Last seen:{string.Concat(last.Values.Select(o => Environment.NewLine + Text(o)))}");
        }

        throw new InvalidOperationException("the watch ended");
    }

    private static string Text(IJsonWritable item)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            item.WriteJson(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
