namespace Kobune.Client.Transport;

/// <summary>A bearer token in a file that someone else renews (a projected service account token). Read again every minute, as client-go does.</summary>
public sealed class FileToken(string path, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private string? _token;
    private long _readAt;

    /// <summary>The token; the last good one while the file cannot be read.</summary>
    public string? Read()
    {
        lock (_lock)
        {
            if (_token is null || time.GetElapsedTime(_readAt) >= Period)
            {
                try
                {
                    var text = File.ReadAllText(path).Trim();
                    _token = text.Length > 0 ? text : _token;
                    _readAt = time.GetTimestamp();
                }
                catch (IOException) when (_token is not null)
                {
                    // In the middle of a renewal.
                }
            }

            return _token;
        }
    }
}
