namespace Kobune.Testing;

/// <summary>Kubeconfig files in a folder that nobody else may read, made with the first of them and removed with the last. Safe for concurrent use.</summary>
internal sealed class KubeconfigFiles : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _paths = [];
    private string? _folder;

    /// <summary>The file of this key, written when there is none yet.</summary>
    public string Of(string key, Func<string> text)
    {
        lock (_gate)
        {
            if (!_paths.TryGetValue(key, out var path))
            {
                var written = text();
                _folder ??= Directory.CreateTempSubdirectory("kobune-test-").FullName;
                path = Path.Combine(_folder, $"kubeconfig-{_paths.Count}");
                File.WriteAllText(path, written);
                _paths.Add(key, path);
            }

            return path;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _paths.Clear();
            if (_folder is not null)
            {
                Directory.Delete(_folder, recursive: true);
                _folder = null;
            }
        }
    }
}
