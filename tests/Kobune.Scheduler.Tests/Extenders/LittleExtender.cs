using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Kobune.Scheduler.Tests.Extenders;

/// <summary>An extender on loopback: answers what a test says, and remembers what it was asked. Without an answer it lets wait.</summary>
internal sealed class LittleExtender : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _running;

    public LittleExtender(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _running = ListenAsync();
    }

    /// <summary>By verb: the code and the body.</summary>
    public ConcurrentDictionary<string, (int Code, string Body)> Answers { get; } = [];

    /// <summary>"verb body" of each question, in order.</summary>
    public List<(string Verb, JsonNode Body)> Asked { get; } = [];

    public string Url => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/scheduler/";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running.WaitAsync(TimeSpan.FromSeconds(30));
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        using (connection)
        {
            try
            {
                Stream stream = connection.GetStream();
                if (_certificate is not null)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                    stream = tls;
                }

                await AnswerAsync(stream);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // The client went, or the test ended.
            }
        }
    }

    private async Task AnswerAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, _stop.Token);
            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n");
        var body = new byte[int.Parse(lines.Single(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))[15..], null)];
        await stream.ReadExactlyAsync(body, _stop.Token);
        Assert.Contains(lines, l => l.Equals("Content-Type: application/json", StringComparison.OrdinalIgnoreCase));
        var verb = lines[0].Split(' ')[1]["/scheduler/".Length..];
        lock (Asked)
        {
            Asked.Add((verb, JsonNode.Parse(body)!));
        }

        if (!Answers.TryGetValue(verb, out var answer))
        {
            await Task.Delay(Timeout.Infinite, _stop.Token); // until the test has ended
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {answer.Code} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(answer.Body)}\r\nConnection: close\r\n\r\n{answer.Body}"), _stop.Token);
    }
}
