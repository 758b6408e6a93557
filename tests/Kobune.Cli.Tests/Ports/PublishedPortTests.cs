using Kobune.Cli.Output;
using Kobune.Cli.Ports;

namespace Kobune.Cli.Tests.Ports;

public class PublishedPortTests
{
    [Theory]
    [InlineData("8080:30080", "0.0.0.0:8080:30080/tcp")]
    [InlineData("30080", "0.0.0.0:30080:30080/tcp")]
    [InlineData("127.0.0.1:53:30053/udp", "127.0.0.1:53:30053/udp")]
    [InlineData("127.0.0.1::30080", "127.0.0.1:30080:30080/tcp")]
    [InlineData("[::1]:80:30080", "[::1]:80:30080/tcp")]
    [InlineData("8000-8001:30000-30001", "0.0.0.0:8000:30000/tcp 0.0.0.0:8001:30001/tcp")]
    public void Dockers_ways_of_writing_are_read(string text, string expected)
    {
        var ports = PublishedPort.Parse(text);
        Assert.Equal(expected, string.Join(' ', ports));
        Assert.Equal(ports, ports.Select(p => PublishedPort.Read(p.ToString())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80:http")]
    [InlineData("0:80")]
    [InlineData("70000:80")]
    [InlineData("host:80:80")]
    [InlineData("80:80/sctp")]
    [InlineData("8000-8002:30000-30001")]
    [InlineData("1:2:3:4")]
    public void Others_are_wrong_usage(string text) => Assert.Equal(14, Assert.Throws<CliException>(() => PublishedPort.Parse(text)).Reason.ExitCode);
}
