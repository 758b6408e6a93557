using Kobune.Machine.Files;

namespace Kobune.Machine.Tests.Files;

public sealed class FileSyncTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("kobune-sync-").FullName;

    private string Source => Path.Combine(_root, "files");

    private string Node => Path.Combine(_root, "node");

    [Fact]
    public void Files_come_with_their_modes_and_links_stay_links()
    {
        Write("etc/foo.conf", "text", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Write("opt/new/tool", "#!/bin/sh", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(Path.Combine(Source, "etc/link"), "/somewhere/else");
        Directory.CreateDirectory(Path.Combine(Node, "etc"));
        File.WriteAllText(Path.Combine(Node, "etc/foo.conf"), "the node's own");
        File.SetUnixFileMode(Path.Combine(Node, "etc"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        FileSync.Copy(Source, Node);

        Assert.Equal("text", File.ReadAllText(Path.Combine(Node, "etc/foo.conf")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(Path.Combine(Node, "etc/foo.conf")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Node, "opt/new/tool")));
        Assert.Equal("/somewhere/else", new FileInfo(Path.Combine(Node, "etc/link")).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Node, "etc")));
    }

    [Fact]
    public void A_link_of_the_node_is_replaced_and_not_written_through()
    {
        Write("etc/resolv.conf", "nameserver 10.0.0.1", UnixFileMode.UserRead);
        Directory.CreateDirectory(Path.Combine(Node, "etc"));
        var outside = Path.Combine(_root, "outside");
        File.WriteAllText(outside, "untouched");
        File.CreateSymbolicLink(Path.Combine(Node, "etc/resolv.conf"), outside);

        FileSync.Copy(Source, Node);

        Assert.Equal("untouched", File.ReadAllText(outside));
        Assert.Equal("nameserver 10.0.0.1", File.ReadAllText(Path.Combine(Node, "etc/resolv.conf")));
    }

    [Fact]
    public void What_is_no_certificate_is_left_out_and_told()
    {
        Write("broken.pem", "not a certificate", UnixFileMode.UserRead);
        Write("readme.txt", "neither", UnixFileMode.UserRead);
        var told = new List<string>();
        CertificateSync.Install(Source, Node, told.Add);
        Assert.Equal([Path.Combine(Source, "broken.pem") + " holds no certificate and is left out"], told);
        Assert.False(Directory.Exists(Path.Combine(Node, "etc/ssl/certs")));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string path, string text, UnixFileMode mode)
    {
        var file = Path.Combine(Source, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, mode);
    }
}
