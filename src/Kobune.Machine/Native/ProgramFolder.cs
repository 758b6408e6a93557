using Kobune.Machine.Host;

namespace Kobune.Machine.Native;

/// <summary>
/// A machine's own copy of the program, so that a running machine does not lose it when the program is built or installed anew. Files are hard links
/// where the file system allows it: that costs neither time nor space.
/// </summary>
internal static class ProgramFolder
{
    /// <summary>Where a machine's copy lies.</summary>
    public static string Of(MachineSpec spec) => Path.Combine(spec.Folder, "program");

    /// <summary>Makes the copy anew.</summary>
    public static void Place(MachineSpec spec)
    {
        var target = Of(spec);
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        var source = Path.GetDirectoryName(Path.GetFullPath(spec.Program))!;
        foreach (var file in FilesOf(spec.Program, source))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (Syscalls.HardLink(file, copy) == -1)
            {
                File.Copy(file, copy); // another file system, or one without links
            }
        }
    }

    // A published program is one file and perhaps native libraries beside it; a build of the developer's is a folder full.
    private static IEnumerable<string> FilesOf(string program, string source)
    {
        if (File.Exists(program + ".dll"))
        {
            return Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories);
        }

        return File.Exists(program)
            ? Directory.EnumerateFiles(source, "lib*.so").Prepend(Path.GetFullPath(program))
            : throw new MachineException(MachineFault.Provision, $"the program {program} does not exist");
    }
}
