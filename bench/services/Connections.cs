using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Kobune.Bench.Services;

/// <summary>Run inside of the namespace: a listener, and connections to it by way of a cluster IP.</summary>
internal static class Connections
{
    /// <summary>Prints the median microseconds of a connection.</summary>
    public static async Task<int> RunAsync(string target, string listen, int count)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(IPEndPoint.Parse(listen));
        listener.Listen(128);
        var times = new List<double>(count);
        for (var i = 0; i < count + 100; i++)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new(true, 0) };
            var started = Stopwatch.GetTimestamp();
            client.Connect(IPEndPoint.Parse(target));
            if (i >= 100)
            {
                times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            }

            using var accepted = await listener.AcceptAsync();
        }

        times.Sort();
        Console.WriteLine(times[times.Count / 2].ToString(System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    }
}
