using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Versioning;

namespace Kobune.Architecture.Tests;

/// <summary>Reads compiled assemblies for what ties them to an operating system.</summary>
internal static class PlatformScan
{
    private static readonly string[] Systems = ["windows", "macos", "linux"];

    /// <summary>Our assemblies in a folder, tests left out.</summary>
    public static IEnumerable<string> Assemblies(string folder) =>
        Directory.EnumerateFiles(folder, "Kobune.*.dll").Where(f => !f.EndsWith(".Tests.dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>"libc getpid": functions of native libraries.</summary>
    public static IReadOnlyList<string> Imports(string path) => Read(path, metadata => metadata.MethodDefinitions
        .Select(h => metadata.GetMethodDefinition(h).GetImport())
        .Where(i => !i.Module.IsNil)
        .Select(i => $"{metadata.GetString(metadata.GetModuleReference(i.Module).Name)} {metadata.GetString(i.Name)}"));

    /// <summary>All string literals of the code.</summary>
    public static IReadOnlyList<string> Texts(string path) => Read(path, UserStrings);

    /// <summary>Names of referenced assemblies.</summary>
    public static IReadOnlyList<string> References(string path) => Read(path, metadata => metadata.AssemblyReferences.Select(h => metadata.GetString(metadata.GetAssemblyReference(h).Name)));

    /// <summary>Members of the framework that are referenced and that one of the three systems lacks, as their attributes say.</summary>
    public static IReadOnlyList<string> Lacking(string path) => Read(path, metadata => metadata.MemberReferences
        .Select(metadata.GetMemberReference)
        .Where(m => m.Parent.Kind == HandleKind.TypeReference)
        .Select(m => (Type: Resolve(metadata, (TypeReferenceHandle)m.Parent), Name: metadata.GetString(m.Name), Count: ParameterCount(metadata, m)))
        .Where(m => m.Type is not null && IsLacking(m.Type, m.Name, m.Count))
        .Select(m => $"{m.Type!.FullName}.{m.Name}")
        .Distinct()
        .Order(StringComparer.Ordinal));

    private static List<string> Read(string path, Func<MetadataReader, IEnumerable<string>> read)
    {
        using var file = new PEReader(File.OpenRead(path));
        return [.. read(file.GetMetadataReader())];
    }

    private static IEnumerable<string> UserStrings(MetadataReader metadata)
    {
        for (var handle = System.Reflection.Metadata.Ecma335.MetadataTokens.UserStringHandle(1); !handle.IsNil; handle = System.Reflection.Metadata.Ecma335.MetadataReaderExtensions.GetNextHandle(metadata, handle))
        {
            yield return metadata.GetUserString(handle);
        }
    }

    private static Type? Resolve(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var reference = metadata.GetTypeReference(handle);
        if (reference.ResolutionScope.Kind != HandleKind.AssemblyReference)
        {
            return null; // nested types carry no such attributes
        }

        var assembly = metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)reference.ResolutionScope).Name);
        if (!assembly.StartsWith("System", StringComparison.Ordinal) && !assembly.StartsWith("Microsoft.", StringComparison.Ordinal))
        {
            return null;
        }

        var name = $"{metadata.GetString(reference.Namespace)}.{metadata.GetString(reference.Name)}";
        return Assembly.Load(assembly).GetType(name) ?? throw new InvalidOperationException($"{assembly} has no {name}");
    }

    // Zero for fields.
    private static int ParameterCount(MetadataReader metadata, MemberReference member)
    {
        var signature = metadata.GetBlobReader(member.Signature);
        var header = signature.ReadSignatureHeader();
        if (header.Kind != SignatureKind.Method)
        {
            return 0;
        }

        if (header.IsGeneric)
        {
            _ = signature.ReadCompressedInteger();
        }

        return signature.ReadCompressedInteger();
    }

    // Of overloads with as many parameters, all must be lacking: which one is meant is the analyzer's to know.
    private static bool IsLacking(Type type, string member, int parameters)
    {
        const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        var found = type.GetMember(member, Any).Where(m => m is not MethodBase method || method.GetParameters().Length == parameters).ToList();
        var property = member.StartsWith("get_", StringComparison.Ordinal) || member.StartsWith("set_", StringComparison.Ordinal) ? type.GetMember(member[4..], Any) : []; // the attribute may be the property's
        return (found.Count > 0 && found.All(IsLacking)) || property.Any(IsLacking) || IsLacking(type);
    }

    private static bool IsLacking(MemberInfo member) => LacksOne([.. member.GetCustomAttributes<OSPlatformAttribute>(inherit: false)]);

    private static bool LacksOne(List<OSPlatformAttribute> attributes)
    {
        // "Supported on maccatalyst" takes back "unsupported on ios", and says nothing about others.
        var only = attributes.OfType<SupportedOSPlatformAttribute>().Select(a => a.PlatformName.ToLowerInvariant()).Where(p => !p.StartsWith("maccatalyst", StringComparison.Ordinal)).ToList();
        return (only.Count > 0 && Systems.Any(s => !only.Any(o => o.StartsWith(s, StringComparison.Ordinal))))
            || attributes.OfType<UnsupportedOSPlatformAttribute>().Any(a => Systems.Contains(a.PlatformName.ToLowerInvariant()));
    }
}
