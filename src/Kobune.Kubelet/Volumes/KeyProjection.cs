using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Volumes;

/// <summary>Which keys of a ConfigMap or Secret become which files.</summary>
internal static class KeyProjection
{
    /// <param name="describeMissing">The message for a key that is not there.</param>
    /// <exception cref="VolumeException">A key is missing and the source is not optional.</exception>
    internal static Dictionary<string, VolumeFile> Project(
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> data, IReadOnlyList<KeyToPath> items, int defaultMode, bool optional, Func<string, string> describeMissing)
    {
        var files = new Dictionary<string, VolumeFile>();
        if (items.Count == 0)
        {
            foreach (var (key, value) in data)
            {
                files[key] = new(value, defaultMode);
            }

            return files;
        }

        foreach (var item in items)
        {
            if (data.TryGetValue(item.Key, out var value))
            {
                files[item.Path] = new(value, item.Mode ?? defaultMode);
            }
            else if (!optional)
            {
                throw new VolumeException(describeMissing(item.Key));
            }
        }

        return files;
    }

    internal static IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Data(ConfigMap map)
    {
        var data = new Dictionary<string, ReadOnlyMemory<byte>>(map.BinaryData);
        foreach (var (key, value) in map.Data)
        {
            data[key] = System.Text.Encoding.UTF8.GetBytes(value);
        }

        return data;
    }
}
