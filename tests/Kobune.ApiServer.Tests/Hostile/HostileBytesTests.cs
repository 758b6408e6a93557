using System.Buffers.Text;
using System.Net.WebSockets;
using System.Text;
using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Streaming;
using Kobune.Cel;
using Kobune.Cel.Costs;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Tests.Hostile;

/// <summary>Decoders below the API: what they do not understand ends in the one error that they announce, or in the end of the connection.</summary>
public class HostileBytesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public Task Selectors() => HostileInput.EachAsync(20_000, Texts("a=b,c!=d,e in (f,g),!h,i notin (),x>1,y<2", "a.b/c==d", "metadata.name=a,spec.x!=b\\,c,status.phase=Running"), (mutator, input) =>
    {
        var text = Encoding.Latin1.GetString(input);
        Expect<FormatException>(() => Selector.Parse(text));
        Expect<FormatException>(() => FieldSelector.Parse(text));
        return Task.CompletedTask;
    });

    [Fact]
    public Task Quantities_and_durations() => HostileInput.EachAsync(20_000, Texts("1.5Gi", "-100m", "1e3", "+12E-2", "0.000000001", "12345678901234567890Ki", "1h2m3.5s", "-1.5us"), (mutator, input) =>
    {
        var text = Encoding.Latin1.GetString(input);
        if (Quantity.TryParse(text, out var quantity))
        {
            Assert.True(Quantity.TryParse(quantity.ToString(), out var again) && again == quantity, $"{text}: {quantity} is read as {again}");
        }

        Assert.Equal(GoDuration.TryParse(text), GoDuration.TryParse(text));
        return Task.CompletedTask;
    });

    [Fact]
    public Task Expressions()
    {
        var environment = CelKubernetes.Environment(36).WithVariable("d", CelType.Dyn).WithVariable("s", CelType.String).WithVariable("l", CelType.List(CelType.Int)).WithVariable("m", CelType.Map(CelType.String, CelType.Int));
        var variables = new CelActivation(new Dictionary<string, CelValue>
        {
            ["d"] = CelMap.Of([new(new CelString("a"), CelInt.Of(1)), new(new CelString("l"), CelList.Of([CelInt.Of(7)]))]),
            ["s"] = new CelString("h\u00e9llo"),
            ["l"] = CelList.Of([CelInt.Of(1), CelInt.Of(2)]),
            ["m"] = CelMap.Of([new(new CelString("a"), CelInt.Of(1))]),
        });
        string[] samples =
        [
            "has(d.a) && d.a > 0 ? s.startsWith('h') : l.all(x, x > 1 || x in m)", "l.map(x, x * 2).filter(y, y != 4).sum() + int('7') - m['a'] % 3", "s.matches('^(a|h).*$') && s.find('[0-9]+') == '' && s.replace('l', 'x', 1).split('').size() < 9",
            "quantity('1Gi').isGreaterThan(quantity('1Mi')) && duration('1h2m') > duration('3s') && timestamp('2024-01-01T00:00:00Z').getFullYear() == 2024", "ip('::1').isLoopback() && cidr('10.0.0.0/8').containsIP('10.1.2.3') && isURL('https://a/b?c') && url('https://a').getHost() == 'a'",
            "'%d %s %.3f %x'.format([1, 'a', 2.5, 255]) + b'\\xff\\u00ff'.size() + r\"raw\" + \"\"\"long\"\"\"", "semver('1.2.3-a+b').major() == 1 && l.indexOf(2) == 1 && l.isSorted() && [[1, 2], [3]][0][1] == 2u", "optional.of(1).orValue(2) == d.?a.orValue(3) && [?d[?'x']].size() == 0 && type(1) == int && -9223372036854775808 / -1 > 0",
            "{'a': 1, \"b\": 1.5e3, 1u: null, true: [1, {}]}.exists_one(k, k == 'a') && !(1 < 2 == true)", "sets.contains(l, [1]) && base64.decode(base64.encode(b'x')) == b'x' && l.sortBy(x, -x)[0] == 2 && cel.bind(z, l + l, z.size() > 3)",
        ];
        return HostileInput.EachAsync(6_000, Texts(samples), (mutator, input) =>
        {
            var compiled = environment.Compile(Encoding.UTF8.GetString(input));
            if (compiled.Program is { } program)
            {
                var result = program.Evaluate(variables, Ct);
                Assert.True(result.Cost <= CelProgram.PerCallLimit * 2, $"cost {result.Cost}");
                Assert.True(program.EstimateCost(CelUnknownSizes.Instance).Min >= 0);
            }
            else
            {
                Assert.NotEmpty(compiled.Issues!.ToString()!);
            }

            return Task.CompletedTask;
        });
    }

    [Fact]
    public Task Tokens() => HostileInput.EachAsync(5_000, Texts("""{"alg":"ES256","kid":"a","typ":"JWT"}""", """{"iss":"https://a","sub":"system:serviceaccount:a:b","aud":["x"],"exp":1,"kubernetes.io":{"namespace":"a"}}"""), (mutator, input) =>
    {
        var part = Base64Url.EncodeToString(input);
        foreach (var token in (string[])[$"{part}.{part}.{part}", $"{part}.e30.AA", $"e30.{part}", Encoding.Latin1.GetString(input)])
        {
            Assert.False(JsonWebToken.IsSignedBy(token, []));
            _ = JsonWebToken.TryReadPayload(token, out var payload) ? ServiceAccountClaims.ReadIssuer(payload) ?? ServiceAccountClaims.Read(payload)?.Issuer : null;
        }

        return Task.CompletedTask;
    });

    [Fact]
    public Task Spdy_frames()
    {
        byte[] data = [0, 0, 0, 1, 1, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c'];
        byte[] reply = [0x80, 3, 0, 2, 0, 0, 0, 4, 0, 0, 0, 1];
        byte[] reset = [0x80, 3, 0, 3, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 5];
        byte[] ping = [0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 2];
        return HostileInput.EachAsync(5_000, [data, reply, reset, ping, [.. data, .. reply, .. ping, .. reset, .. data]], async (mutator, input) =>
        {
            using var peer = new OneWay(input);
            using var client = new SpdyClient(peer);
            var seen = 0L;
            await client.ReceiveAsync(
                e =>
                {
                    seen += e.Data.Length;
                    return ValueTask.CompletedTask;
                },
                Ct);
            Assert.True(seen <= input.Length);
        });
    }

    [Fact]
    public Task Web_socket_frames()
    {
        byte[] binary = [0x82, 0x83, 1, 2, 3, 4, 0 ^ 1, (byte)('a' ^ 2), (byte)('b' ^ 3)];
        byte[] text = [0x81, 0x82, 0, 0, 0, 0, (byte)'1', (byte)'Y'];
        byte[] close = [0x88, 0x82, 0, 0, 0, 0, 3, 0xe8];
        byte[] ping = [0x89, 0x80, 0, 0, 0, 0];
        return HostileInput.EachAsync(5_000, [binary, text, close, ping, [.. binary, .. ping, .. text, .. close], [0x02, .. binary[1..], 0x80, .. text[1..]]], async (mutator, input) =>
        {
            using var socket = WebSocket.CreateFromStream(new OneWay(input), isServer: true, null, TimeSpan.Zero);
            var protocol = mutator.OneOf("v5.channel.k8s.io", "v4.channel.k8s.io", "base64.channel.k8s.io", "channel.k8s.io");
            using var channels = new ChannelSocket(socket, ChannelProtocol.Choose([protocol])!);
            var seen = 0L;
            while (await channels.ReceiveAsync(Ct) is { } message)
            {
                seen += message.Data.Length;
            }

            Assert.True(seen <= input.Length);
        });
    }

    private static List<byte[]> Texts(params IEnumerable<string> texts) => [.. texts.Select(Encoding.Latin1.GetBytes)];

    private static void Expect<T>(Action parse)
        where T : Exception
    {
        try
        {
            parse();
        }
        catch (T e)
        {
            Assert.NotEmpty(e.Message);
        }
    }

    /// <summary>A peer that has said all it says; what is written to it is forgotten.</summary>
    private sealed class OneWay(byte[] said) : MemoryStream(said, writable: false)
    {
        public override bool CanWrite => true;

        public override void Write(byte[] buffer, int offset, int count)
        {
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
