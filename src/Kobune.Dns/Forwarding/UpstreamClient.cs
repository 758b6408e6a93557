using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Kobune.Dns.Wire;

namespace Kobune.Dns.Forwarding;

/// <summary>
/// Asks the upstream servers, the one that answered last first. Each query has a socket (so a source port) and an id of its own, and only
/// an answer to exactly that question counts.
/// </summary>
internal sealed class UpstreamClient(IReadOnlyList<IPEndPoint> servers, TimeProvider time) : IUpstream
{
    private const int MaxMessage = ushort.MaxValue;

    /// <summary>How long one server has, as CoreDNS' forward plugin.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private int _preferred;

    public async Task<DnsMessage?> AskAsync(DnsQuestion question, UpstreamOptions options, CancellationToken ct)
    {
        var first = Volatile.Read(ref _preferred);
        DnsMessage? refused = null;
        for (var i = 0; i < servers.Count; i++)
        {
            var index = (first + i) % servers.Count;
            var answer = await TryAskAsync(servers[index], question, options, ct);
            if (answer is { Rcode: DnsRcode.Refused })
            {
                refused ??= answer; // not its name: as resolvers do, the next one is asked (ingress-dns stands first in a PC's resolv.conf)
            }
            else if (answer is not null)
            {
                Volatile.Write(ref _preferred, index);
                return answer;
            }
        }

        return refused;
    }

    private async Task<DnsMessage?> TryAskAsync(IPEndPoint server, DnsQuestion question, UpstreamOptions options, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            return options.Tcp
                ? await AskTcpAsync(server, question, options, either.Token)
                : await AskUdpAsync(server, question, options, either.Token);
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async Task<DnsMessage?> AskUdpAsync(IPEndPoint server, DnsQuestion question, UpstreamOptions options, CancellationToken ct)
    {
        var query = Query(question, options);
        var buffer = new byte[4096];
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, ct);
        await socket.SendAsync(buffer.AsMemory(0, DnsEncoder.Encode(query, buffer)), ct);
        while (true)
        {
            var size = await socket.ReceiveAsync(buffer, ct);
            if (DnsDecoder.TryDecode(buffer.AsSpan(0, size), out var answer) && Answers(answer, query))
            {
                return answer;
            }
        }
    }

    private static async Task<DnsMessage?> AskTcpAsync(IPEndPoint server, DnsQuestion question, UpstreamOptions options, CancellationToken ct)
    {
        var query = Query(question, options);
        var buffer = new byte[2 + MaxMessage];
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, ct);
        await using var stream = new NetworkStream(socket);
        var length = DnsEncoder.Encode(query, buffer.AsSpan(2));
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
        await stream.WriteAsync(buffer.AsMemory(0, length + 2), ct);
        await stream.ReadExactlyAsync(buffer.AsMemory(0, 2), ct);
        var size = BinaryPrimitives.ReadUInt16BigEndian(buffer);
        await stream.ReadExactlyAsync(buffer.AsMemory(0, size), ct);
        return DnsDecoder.TryDecode(buffer.AsSpan(0, size), out var answer) && Answers(answer, query) ? answer : null;
    }

    private static DnsMessage Query(DnsQuestion question, UpstreamOptions options) => new()
    {
        Id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1),
        Flags = DnsFlags.RecursionDesired | (options.CheckingDisabled ? DnsFlags.CheckingDisabled : DnsFlags.None),
        Questions = [question],
        Edns = new(DnsMessage.ServerUdpSize, 0, options.DnssecOk),
    };

    private static bool Answers(DnsMessage answer, DnsMessage query) =>
        answer.Has(DnsFlags.Response) && answer.Id == query.Id
        && (answer.Questions.Count == 0 ? answer.Rcode != DnsRcode.NoError : answer.Questions[0] == query.Questions[0]);
}
