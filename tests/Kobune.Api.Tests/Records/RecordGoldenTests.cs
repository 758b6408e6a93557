using System.Reflection;
using System.Text;
using System.Text.Json;
using Kobune.Api.Json;

namespace Kobune.Api.Tests.Records;

/// <summary>JSON to record to JSON, for every kind.</summary>
public class RecordGoldenTests
{
    private static readonly Dictionary<(string, string), Type> Kinds = typeof(Core.V1.Pod).Assembly.GetTypes()
        .Where(t => t.GetProperty("ApiVersion") is not null && t.GetProperty("Empty") is not null && typeof(IJsonWritable).IsAssignableFrom(t))
        .Select(t => (Type: t, Empty: t.GetProperty("Empty")!.GetValue(null)!))
        .ToDictionary(x => (Text(x.Empty, "ApiVersion"), Text(x.Empty, "Kind")), x => x.Type);

    /// <summary>A record says its kind also inside of another object, where upstream's test data is silent.</summary>
    private static readonly Dictionary<string, string> NestedKinds = new()
    {
        ["admission.k8s.io.v1.AdmissionReview"] = """
            "kind":"Status","apiVersion":"v1",
            """,
        ["apps.v1.StatefulSet"] = """
            "kind":"PersistentVolumeClaim","apiVersion":"v1",
            """,
        ["policy.v1.Eviction"] = """
            "kind":"DeleteOptions","apiVersion":"v1",
            """,
    };

    [Fact]
    public void Every_golden_object_survives_its_record_byte_for_byte()
    {
        var wrong = new List<string>();
        foreach (var name in Golden.Names)
        {
            var golden = Golden.Json(name);
            var back = RoundTrip(golden, name);
            if (!golden.AsSpan().SequenceEqual(back))
            {
                wrong.Add($"{name}\n  {Difference(golden, back)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_kind_equals_its_copy_and_writes_its_empty_form()
    {
        foreach (var type in Kinds.Values)
        {
            var empty = (IJsonWritable)type.GetProperty("Empty")!.GetValue(null)!;
            var copy = Read(type, JsonText.Bytes(empty));
            Assert.Equal(empty, copy);
            Assert.Equal(empty.GetHashCode(), copy.GetHashCode());
        }
    }

    /// <summary>JSON to record to JSON; what records say of kinds inside of them is taken out.</summary>
    internal static byte[] RoundTrip(byte[] golden, string apiVersion, string kind) => RoundTrip(golden, $"{apiVersion.Replace('/', '.')}.{kind}");

    private static byte[] RoundTrip(byte[] golden, string name)
    {
        var back = RoundTrip(golden);
        return NestedKinds.TryGetValue(name, out var nested) ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(back).Replace(nested, "", StringComparison.Ordinal)) : back;
    }

    private static byte[] RoundTrip(byte[] golden)
    {
        using var document = JsonDocument.Parse(golden);
        var kind = document.RootElement.TryGetProperty("kind", out var k) ? k.GetString()! : "";
        var type = kind.Length == 0 ? typeof(Meta.V1.WatchEvent) : Kinds[(document.RootElement.GetProperty("apiVersion").GetString()!, kind)];
        var record = Read(type, golden);
        Assert.Equal(record, Read(type, golden));
        return JsonText.Bytes((IJsonWritable)record);
    }

    private static object Read(Type type, byte[] json) =>
        typeof(RecordGoldenTests).GetMethod(nameof(ReadRecord), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [json])!;

    private static object ReadRecord<T>(byte[] json)
        where T : IJsonRecord<T> => JsonText.Read<T>(json);

    private static string Text(object record, string property) => (string)record.GetType().GetProperty(property)!.GetValue(record)!;

    internal static string Difference(byte[] expected, byte[] actual)
    {
        var at = expected.AsSpan().CommonPrefixLength(actual);
        return $"expected ...{Slice(expected, at)}\n  actual   ...{Slice(actual, at)}";
    }

    private static string Slice(byte[] text, int at) => Encoding.UTF8.GetString(text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 60)]);
}
