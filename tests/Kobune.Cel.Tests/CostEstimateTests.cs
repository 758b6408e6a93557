using Kobune.Cel.Costs;
using Kobune.Cel.Types;

namespace Kobune.Cel.Tests;

/// <summary>Estimates that cel-go's and Kubernetes' own tests have.</summary>
public class CostEstimateTests
{
    private static readonly CelEnvironment Environment = CelKubernetes.Environment(36)
        .WithLibrary(CelKubernetes.JsonPatch)
        .WithVariable("input", CelType.String)
        .WithVariable("octets", CelType.Bytes)
        .WithVariable("list", CelType.List(CelType.Dyn))
        .WithVariable("list1", CelType.List(CelType.Int))
        .WithVariable("nested", CelType.List(CelType.List(CelType.Int)))
        .WithVariable("map", CelType.Map(CelType.String, CelType.Map(CelType.String, CelType.Int)))
        .WithVariable("nestedMap", CelType.Map(CelType.String, CelType.Map(CelType.String, CelType.Int)))
        .WithVariable("x", CelType.Int)
        .WithVariable("a", CelType.Bool)
        .WithVariable("time", CelType.Timestamp);

    [Theory]
    [InlineData("'Hello World!'", 0, 0)]
    [InlineData("input", 1, 1)]
    [InlineData("map['key']", 2, 2)]
    [InlineData("has(map.a)", 1, 1)]
    [InlineData("has(map.a.b)", 2, 2)]
    [InlineData("time.getFullYear()", 2, 2)]
    [InlineData("[1, 2, 3]", 10, 10)]
    [InlineData("{'a': 1, 'b': 2, 'c': 3}", 30, 30)]
    [InlineData("list.all(x, true)", 2, 302)]
    [InlineData("nested.all(x, x.all(y, true))", 2, 1752)]
    [InlineData("[1, 2, 3].all(x, true)", 20, 20)]
    [InlineData("input.matches('[0-9]')", 3, 103)]
    [InlineData("'123'.matches('[0-9]')", 2, 2)]
    [InlineData("true || false", 0, 0)]
    [InlineData("a || a || a || a", 1, 4)]
    [InlineData("a && a && a && a", 1, 4)]
    [InlineData("1 < 2", 1, 1)]
    [InlineData("1 == 2", 1, 1)]
    [InlineData("2 in [1, 2, 3]", 13, 13)]
    [InlineData("1 + 1", 1, 1)]
    [InlineData("true ? 1 : 2", 0, 0)]
    [InlineData("size('123')", 1, 1)]
    [InlineData("string(octets)", 1, 51)]
    [InlineData("string(octets) == string(octets)", 3, 152)]
    [InlineData("bytes(input)", 1, 51)]
    [InlineData("bytes(input) == bytes(input)", 3, 302)]
    [InlineData("string(1)", 1, 1)]
    [InlineData("input.contains(input)", 2, 2502)]
    [InlineData("input.startsWith(input)", 2, 52)]
    [InlineData("input.size()", 2, 2)]
    [InlineData("(x > 2 ? [1] : [1]).all(y, true)", 16, 16)]
    [InlineData("map.all(k, map[k].size() > 3)", 2, 82)]
    [InlineData("nestedMap.all(k, nestedMap[k].all(x, true))", 2, 187)]
    [InlineData("nestedMap.all(k, k.contains(k))", 2, 32)]
    [InlineData("(list1 + list1).all(x, true)", 4, 64)]
    [InlineData("list1.size() == list1.size()", 5, 5)]
    [InlineData("x > x ? list1.size() : list1.size()", 5, 5)]
    [InlineData("input.endsWith('abcdefghijklmnopqrstuvwxyz') == input.endsWith('abcdefghijklmnopqrstuvwxyz')", 9, 9)]
    [InlineData("((5 != 6) == (1 == 2)) == ((3 <= 4) == (9 != 9))", 7, 7)]
    [InlineData("string(time) == string(time)", 5, 1844674407370955268)] // the text of a scalar has no size
    [InlineData("time == time", 3, 3)]
    public void Language_is_estimated(string text, ulong min, ulong max) => Assert.Equal(new CelRange(min, max), Estimate(text, new Hints(null)));

    [Theory]
    [InlineData("[1, 2, 3, 4, 5].sum()", 15, 15)]
    [InlineData("[uint(1), uint(2), uint(3), uint(4), uint(5)].sum()", 20, 20)]
    [InlineData("['012345678901', '012345678901', '012345678901', '012345678901', '012345678901'].isSorted()", 15, 25)]
    [InlineData("[1, 2, 3, 4, 5].indexOf(3)", 15, 15)]
    [InlineData("'01234567890123456789012345678901234567890123456789'.indexOf('123')", 5, 5)]
    [InlineData("url('https:://kubernetes.io/').getScheme()", 4, 4)]
    [InlineData("url('https:://kubernetes.io/') == url('https:://kubernetes.io/')", 7, 9)]
    [InlineData("url('https:://kubernetes.io/') == url('http://x.b')", 5, 5)]
    [InlineData("ip('192.168.0.1')", 2, 2)]
    [InlineData("ip('2001:db8:3333:4444:5555:6666:7777:8888').family()", 5, 5)]
    [InlineData("ip('192.168.0.1') == ip('192.168.0.1')", 5, 5)]
    [InlineData("ip.isCanonical('2001:db8::abcd')", 3, 3)]
    [InlineData("cidr('192.168.0.0/16').prefixLength()", 3, 3)]
    [InlineData("cidr('192.168.0.0/16').containsCIDR(cidr('192.0.0.0/30'))", 7, 11)]
    [InlineData("cidr('192.168.0.0/16').containsIP('192.169.0.1')", 5, 8)]
    [InlineData("'ABCDEFGHIJ abcdefghij'.upperAscii() == 'abcdefghij ABCDEFGHIJ'.upperAscii()", 7, 9)]
    [InlineData("strings.quote('ABCDEFGHIJ abcdefghij') == strings.quote('ABCDEFGHIJ abcdefghij')", 7, 11)]
    [InlineData("'abc 123 def 123'.replace('', 'x')", 3, 3)]
    [InlineData("'abc 123 def 123'.split(' ', 1)", 3, 3)]
    [InlineData("['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join(' ')", 11, 23)]
    [InlineData("['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join()", 10, 22)]
    [InlineData("'abc 123 def 123'.findAll('123', 1)", 2, 2)]
    [InlineData("jsonpatch.escapeKey('abc/def~ abc/def~')", 2, 2)]
    [InlineData("quantity('200M') == quantity('0.2G') && quantity('0.2G') == quantity('200M')", 3, 6)]
    [InlineData("quantity('50k').add(20).sub(quantity('100k')).sub(-50000).asInteger() > 0", 7, 7)]
    [InlineData("format.named('dns1123Subdomain').value().validate('my-name')", 34, 34)]
    [InlineData("format.named('dns1123Label').value() == format.named('dns1123Label').value()", 5, 11)]
    [InlineData("[1, 2, 3].reverse()", 24, 24)]
    [InlineData("[3, 2, 1].sort()", 39, 39)]
    [InlineData("lists.range(5)", 16, 16)]
    [InlineData("[1, 2, 3, 4].slice(1, 3)", 23, 23)]
    [InlineData("sets.contains([1, 2, 3, 4], [2, 3])", 29, 29)]
    [InlineData("sets.equivalent([1], [1])", 23, 23)]
    public void Libraries_are_estimated(string text, ulong min, ulong max) => Assert.Equal(new CelRange(min, max), Estimate(text, new Hints(12)));

    private static CelRange Estimate(string text, ICelSizes sizes)
    {
        var compiled = Environment.Compile(text);
        Assert.True(compiled.Succeeded, compiled.Issues?.ToString());
        return compiled.Program.EstimateCost(sizes);
    }

    /// <summary>Sizes by path; texts from elsewhere have the given size at most.</summary>
    private sealed class Hints(ulong? text) : ICelSizes
    {
        private static readonly Dictionary<string, ulong> Sizes = new()
        {
            ["input"] = 500,
            ["octets"] = 500,
            ["list"] = 100,
            ["list1"] = 10,
            ["nested"] = 50,
            ["nested.@items"] = 10,
            ["map"] = 10,
            ["nestedMap"] = 5,
            ["nestedMap.@values"] = 10,
            ["nestedMap.@keys"] = 10,
        };

        public CelRange? Find(IReadOnlyList<string> path, CelType type) => Sizes.TryGetValue(string.Join('.', path), out var size) ? new(0, size)
            : text is { } most && type.Kind is CelKind.String or CelKind.Bytes ? new(0, most)
            : null;
    }
}
