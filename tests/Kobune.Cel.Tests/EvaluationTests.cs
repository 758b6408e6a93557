namespace Kobune.Cel.Tests;

public class EvaluationTests
{
    [Theory]
    [InlineData("1 + 2 * 3 - 4 / 2 % 3", "5")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("--5", "5")]
    [InlineData("-(5)", "-5")]
    [InlineData("!!true", "true")]
    [InlineData("0x1F + 1", "32")]
    [InlineData("7u / 2u", "3")]
    [InlineData("0xFFu", "255")]
    [InlineData("1.5e3 + .5", "1500.5")]
    [InlineData("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3 && 1 == 1 && 1 != 2", "true")]
    [InlineData("dyn(1) == 1.0 && dyn(1u) == 1 && 1 < 1.5 && 2u > 1", "true")]
    [InlineData("dyn(1) == 'a'", "false")]
    [InlineData("true ? 'a' : 'b'", "a")]
    [InlineData("false ? 1 : true ? 2 : 3", "2")]
    [InlineData("'a' + \"b\" + r'\\n' + '''c'd'''", "ab\\nc'd")]
    [InlineData("'\\x41\\u00e9\\101\\U0001F600'", "AéA😀")]
    [InlineData("b'\\xff\\101' == b'\\377A'", "true")]
    [InlineData("size(b'é')", "2")]
    [InlineData("'''a\nb'''", "a\nb")]
    [InlineData("[1, 2] + [3] == list", "true")]
    [InlineData("list[1] + map['b'] + map.a", "5")]
    [InlineData("{1: 'a'}[dyn(1u)]", "a")]
    [InlineData("2 in list && 'a' in map && !('z' in map) && dyn(1.0) in list", "true")]
    [InlineData("i in [4, 5]", "true")]
    [InlineData("d.a + d.l[0]", "8")]
    [InlineData("d['l'].size()", "1")]
    [InlineData("person.name", "Ada")]
    [InlineData("has(person.name) && !has(person.age) && has(map.a) && !has(map.z) && has(d.l)", "true")]
    [InlineData("Person{name: 'Bob', age: 3}.age", "3")]
    [InlineData("has(Person{?age: optional.none()}.age)", "false")]
    [InlineData("type(1) == int && type('') == string && type(type(1)) == type", "true")]
    [InlineData("type(null) == null_type && type([]) == type([1]) && type({}) == type({1: 2})", "true")]
    [InlineData("type(timestamp('2024-01-01T00:00:00Z')) == google.protobuf.Timestamp", "true")]
    [InlineData("null == null && dyn(null) != 1", "true")]
    [InlineData("false && d.nope", "false")]
    [InlineData("dyn(d.nope) && false", "false")]
    [InlineData("d.nope == 1 || true", "true")]
    [InlineData("// comment\n1 // more", "1")]
    [InlineData("d.`a`", "1")]
    [InlineData("false || false || false || true || false", "true")]
    public void Expression_has_value(string text, string value) => Assert.Equal(value, Text(text));

    [Theory]
    [InlineData("list.all(x, x > 0)", "true")]
    [InlineData("list.all(x, x > 1)", "false")]
    [InlineData("list.exists(x, x == 2)", "true")]
    [InlineData("list.exists_one(x, x > 2) && !list.exists_one(x, x > 1)", "true")]
    [InlineData("list.exists_one(x, x > 1)", "false")]
    [InlineData("list.map(x, x * 2) == [2, 4, 6]", "true")]
    [InlineData("list.map(x, x > 1, x * 2) == [4, 6]", "true")]
    [InlineData("list.filter(x, x != 2) == [1, 3]", "true")]
    [InlineData("map.all(k, map[k] > 0)", "true")]
    [InlineData("map.map(k, k).size()", "2")]
    [InlineData("list.all(x, [1, 2].exists(y, y == x) || x == 3)", "true")]
    [InlineData("list.map(i, i) == list && i == 5", "true")]
    [InlineData("[0, 1].exists(x, 1 / x == 1)", "true")]
    [InlineData("list.all(n, v, v == n + 1)", "true")]
    [InlineData("map.exists(k, v, k == 'b' && v == 2)", "true")]
    [InlineData("map.existsOne(k, v, v > 1) && map.exists_one(k, v, v > 1)", "true")]
    [InlineData("list.transformList(n, v, n * v) == [0, 2, 6]", "true")]
    [InlineData("list.transformList(n, v, v > 1, n * v) == [2, 6]", "true")]
    [InlineData("map.transformMap(k, v, v * 2) == {'a': 2, 'b': 4}", "true")]
    [InlineData("map.transformMap(k, v, v > 1, v * 2) == {'b': 4}", "true")]
    [InlineData("map.transformMapEntry(k, v, {v: k}) == {1: 'a', 2: 'b'}", "true")]
    [InlineData("[[1, 2], [3]].map(l, l.map(x, x + 1)) == [[2, 3], [4]]", "true")]
    public void Macro_has_value(string text, string value) => Assert.Equal(value, Text(text));

    [Theory]
    [InlineData("optional.of(1).value()", "1")]
    [InlineData("optional.none().orValue(2)", "2")]
    [InlineData("optional.none().or(optional.of(3)).value()", "3")]
    [InlineData("optional.of(1).orValue(1 / 0)", "1")]
    [InlineData("optional.ofNonZeroValue('').hasValue()", "false")]
    [InlineData("d.?a.orValue(0)", "1")]
    [InlineData("d.?z.y.x.orValue(4)", "4")]
    [InlineData("d.?z.hasValue()", "false")]
    [InlineData("list[?9].orValue(5)", "5")]
    [InlineData("map[?'a'].value()", "1")]
    [InlineData("{'a': 1, 'a': 2} == {'a': 2} && {s: 1, s: 2}[s] == 2", "true")]
    [InlineData("'%s %d'.format(['a', list.size()]) + '%s'.format([[1, 'x']])", "a 3[1, \"x\"]")]
    [InlineData("list.first().value() + list.last().value() == 4 && names.filter(x, false).last() == optional.none()", "true")]
    [InlineData("optional.unwrap([optional.of(1), optional.none(), map[?'b']]) == [1, 2] && [map[?'z']].unwrapOpt() == []", "true")]
    [InlineData("optional.ofNonZeroValue(timestamp('0001-01-01T00:00:00Z')).hasValue()", "false")]
    [InlineData("[1, ?map[?'z'], ?map[?'a']] == [1, 1]", "true")]
    [InlineData("{?'x': map[?'z'], 'y': 1} == {'y': 1}", "true")]
    [InlineData("d.?a.optMap(x, x + 1).value()", "2")]
    [InlineData("d.?z.optMap(x, x + 1).hasValue()", "false")]
    [InlineData("d.?a.optFlatMap(x, optional.of(x + 2)).value()", "3")]
    [InlineData("optional.of(1) == optional.of(1) && optional.none() == optional.none()", "true")]
    [InlineData("has(d.?a.b)", "false")]
    public void Optional_has_value(string text, string value) => Assert.Equal(value, Text(text));

    [Theory]
    [InlineData("1 / 0", "division by zero")]
    [InlineData("1 % 0", "modulus by zero")]
    [InlineData("1u / 0u", "division by zero")]
    [InlineData("9223372036854775807 + 1", "integer overflow")]
    [InlineData("-9223372036854775808 - i", "integer overflow")]
    [InlineData("-9223372036854775808 / -1", "integer overflow")]
    [InlineData("-(-9223372036854775808)", "integer overflow")]
    [InlineData("0u - 1u", "unsigned integer overflow")]
    [InlineData("list[3]", "index out of bounds: 3")]
    [InlineData("list[-1]", "index out of bounds: -1")]
    [InlineData("map.z", "no such key: z")]
    [InlineData("map['z']", "no such key: z")]
    [InlineData("d.a.b", "no such key: b")]
    [InlineData("person.age", "no such key: age")]
    [InlineData("dyn(1) + 'a'", "no such overload")]
    [InlineData("dyn(1) < 'a'", "no such overload")]
    [InlineData("dyn(1) && true", "no such overload")]
    [InlineData("dyn(1) ? 1 : 2", "no such overload")]
    [InlineData("size(dyn(1))", "no such overload: size(int)")]
    [InlineData("dyn(1).map(x, x)", "got 'int', expected iterable type")]
    [InlineData("optional.none().value()", "optional.none() dereference")]
    [InlineData("d.nope || false", "no such key: nope")]
    [InlineData("list.all(x, x / 0 == 1)", "division by zero")]
    [InlineData("map.transformMapEntry(k, v, {'x': k})", "insert failed: key x already exists")]
    public void Expression_fails(string text, string error)
    {
        var result = Expressions.Run(text);
        Assert.Equal(error, result.Error);
        Assert.Equal(CelOutcome.Failed, result.Outcome);
    }

    [Fact]
    public void Variable_without_value_is_an_error() =>
        Assert.Equal("no such attribute(s): i", Expressions.Program("i + 1").Evaluate(CelActivation.Empty, CancellationToken.None).Error);

    [Fact]
    public void Cost_limit_stops_an_evaluation()
    {
        var result = Expressions.Program("list.all(x, list.all(y, list.all(z, x + y + z > 0)))").Evaluate(Expressions.Variables, 50, CancellationToken.None);
        Assert.Equal(CelOutcome.CostLimitExceeded, result.Outcome);
        Assert.Equal("operation cancelled: actual cost limit exceeded", result.Error);
    }

    [Fact]
    public void Cancellation_stops_an_evaluation()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Equal(CelOutcome.Cancelled, Expressions.Program("list.all(x, x > 0)").Evaluate(Expressions.Variables, source.Token).Outcome);
    }

    [Fact]
    public void Long_lists_grow_without_deep_stacks() =>
        Assert.Equal("15000", Text(Numbers(15_000) + ".map(x, x + 1).filter(x, x > 0).size()"));

    [Fact]
    public void Bindings_are_evaluated_once_and_only_when_used()
    {
        var environment = CelEnvironment.Create(CelEnvironmentFeatures.Bindings);
        Assert.Equal("4", environment.Compile("cel.bind(x, 1 + 1, x + x)").Program!.Evaluate(CelActivation.Empty, CancellationToken.None).Value.ToString());
        Assert.Equal("1", environment.Compile("cel.bind(x, 1 / 0, 1)").Program!.Evaluate(CelActivation.Empty, CancellationToken.None).Value.ToString());
    }

    private static string Numbers(int count) => $"[{string.Join(',', Enumerable.Range(0, count))}]";

    private static string Text(string expression)
    {
        var result = Expressions.Run(expression);
        Assert.Null(result.Error);
        return result.Value.ToString()!;
    }
}
