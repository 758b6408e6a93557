namespace Kobune.Cel.Tests;

/// <summary>Costs that cel-go's and Kubernetes' own tests have; constants are folded, as Kubernetes lets cel-go do.</summary>
public class RuntimeCostTests
{
    [Theory]
    [InlineData("'Hello World!'", 0)]
    [InlineData("list", 1)]
    [InlineData("map['a']", 2)]
    [InlineData("list[0]", 2)]
    [InlineData("person.name", 2)]
    [InlineData("map['a' + '']", 3)]
    [InlineData("list[3-3]", 3)]
    [InlineData("has(person.name)", 1)]
    [InlineData("has(d.l.x) || true", 2)]
    [InlineData("[1, 2, 3]", 0)]
    [InlineData("[i, 2, 3]", 11)]
    [InlineData("{'a': i}", 31)]
    [InlineData("Person{name: 'str'}", 40)]
    [InlineData("[1, 2, 3].all(x, true)", 10)]
    [InlineData("list.all(x, true)", 11)]
    [InlineData("false || false", 0)]
    [InlineData("b || b", 1)]
    [InlineData("b && b && b && b", 4)]
    [InlineData("1 < 2", 1)]
    [InlineData("1 + 1", 1)]
    [InlineData("true ? 1 : 2", 0)]
    [InlineData("false ? false : 1 > 3", 1)]
    [InlineData("2 in [1, 2, 3]", 0)]
    [InlineData("i in list", 5)]
    [InlineData("size('123')", 1)]
    [InlineData("'12345678901234567890' == '123456789012345678901234567890'", 2)]
    [InlineData("'123'.matches('[0-9]')", 2)]
    [InlineData("string(1)", 0)]
    [InlineData("(i > 2 ? list : list).all(y, true)", 12)]
    [InlineData("map.all(k, map[k] > 3)", 10)]
    [InlineData("s.startsWith('abc')", 2)]
    [InlineData("[1, 2, 3].sum()", 3)]
    [InlineData("[1, 2, 3].isSorted()", 3)]
    [InlineData("['abc', 'def'].indexOf('abc')", 0)]
    [InlineData("'ABCDEFGHIJ abcdefghij'.lowerAscii()", 3)]
    [InlineData("'abc 123 def 123'.split(' ')", 3)]
    [InlineData("'abc 123 def 123'.find('123')", 2)]
    [InlineData("quantity('12Mi')", 1)]
    [InlineData("quantity('12Mi').isLessThan(quantity('20Mi'))", 3)]
    [InlineData("format.dns1123Label().validate('my-name')", 9)]
    public void Evaluation_costs(string text, ulong cost)
    {
        var result = Expressions.Run(text);
        Assert.Equal(cost, result.Cost);
    }
}
