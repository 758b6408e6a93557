using System.Net;
using System.Net.Sockets;
using Kobune.Node.Registries;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Node.Tests.Registries;

public sealed class RegistryProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-registry-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_program_runs_with_its_configuration_until_the_addon_is_off()
    {
        var options = Options("printf '%s %s' \"$1\" \"$(cat \"$2\")\" > FOLDER/asked; echo > FOLDER/pipe; exec sleep 1000");
        await MakePipeAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var ensured = false;
        var running = new RegistryProgram(options, _ => { ensured = true; return Task.CompletedTask; }, NullLoggerFactory.Instance).RunAsync(stop.Token);
        await File.ReadAllTextAsync(Path.Combine(_folder, "pipe"), Ct); // opens when the program writes there
        Assert.True(ensured);
        var asked = await File.ReadAllTextAsync(Path.Combine(_folder, "asked"), Ct);
        Assert.StartsWith("serve version: 0.1\n", asked, StringComparison.Ordinal);
        Assert.Contains($"rootdirectory: {options.Data}\n", asked, StringComparison.Ordinal);
        Assert.Contains("addr: 0.0.0.0:5000\n", asked, StringComparison.Ordinal);
        var number = int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "registry.pid"), Ct), System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Directory.Exists($"/proc/{number}"));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.False(Directory.Exists($"/proc/{number}"));
        Assert.False(File.Exists(Path.Combine(_folder, "registry.pid")));
    }

    [Fact]
    public async Task Its_end_is_the_components_fault_and_is_written_down()
    {
        var options = Options("echo out of luck; exit 3");
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => new RegistryProgram(options, _ => Task.CompletedTask, NullLoggerFactory.Instance).RunAsync(Ct));
        Assert.Contains("ended with 3", fault.Message, StringComparison.Ordinal);
        Assert.Equal("out of luck\n", await File.ReadAllTextAsync(options.Log, Ct));
    }

    [Fact]
    public async Task A_relay_carries_both_directions_to_their_ends()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var listening = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        var relay = new TcpRelay(new(IPAddress.Loopback, 0), (IPEndPoint)server.LocalEndpoint, NullLoggerFactory.Instance).RunAsync(listening.SetResult, stop.Token);
        using var client = new TcpClient();
        await client.ConnectAsync(await listening.Task, Ct);
        using var accepted = await server.AcceptTcpClientAsync(Ct);
        var (near, far) = (client.GetStream(), accepted.GetStream());
        await near.WriteAsync("question"u8.ToArray(), Ct);
        client.Client.Shutdown(SocketShutdown.Send);
        using var question = new StreamReader(far);
        Assert.Equal("question", await question.ReadToEndAsync(Ct)); // the end comes through, too
        await far.WriteAsync("answer"u8.ToArray(), Ct);
        accepted.Client.Shutdown(SocketShutdown.Send);
        using var answer = new StreamReader(near);
        Assert.Equal("answer", await answer.ReadToEndAsync(Ct));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => relay);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private RegistryProgramOptions Options(string script)
    {
        var program = Path.Combine(_folder, "program");
        File.WriteAllText(program, "#!/bin/sh\n" + script.Replace("FOLDER", _folder, StringComparison.Ordinal) + "\n");
        System.Diagnostics.Process.Start("chmod", ["755", program]).WaitForExit();
        return new() { Program = program, Data = Path.Combine(_folder, "data"), Log = Path.Combine(_folder, "log"), RunFolder = _folder, Port = 5000 };
    }

    private async Task MakePipeAsync()
    {
        using var process = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder, "pipe")])!;
        await process.WaitForExitAsync(Ct);
    }
}
